"""What tagged texts say: true shares of themes and which occur together, by group and over time; quality by slices."""
