"""What a person should label or check: probable label errors, confused themes, what to label next; corrections."""
