"""Which configuration, at which threshold, and what it is worth."""
