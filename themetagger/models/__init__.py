"""A fitted model as plain arrays: how it is fitted, scored, combined, and stored."""
