"""What words do to a score: explanations of texts, top terms of a theme, odds ratios."""
