"""What a learning curve tells: forecast and diagnosis."""
