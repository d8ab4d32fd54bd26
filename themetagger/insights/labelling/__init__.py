"""What a person should label or check: suspects, confusions, what to label next."""
