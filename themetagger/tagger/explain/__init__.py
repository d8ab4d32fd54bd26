"""What words do to a score: explanations of texts, telling terms, odds ratios."""
