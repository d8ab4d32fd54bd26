"""A run: planned, tuned, kept in its folder, and opened again."""
