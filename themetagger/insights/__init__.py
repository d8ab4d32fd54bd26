"""What tagged texts say: true shares, co-occurrence, and precision and recall by slices."""
