"""Text encoders: each makes vectors of texts, which stand as dense columns beside n-grams."""
