"""Which configuration, at which cut, and what it is worth."""
