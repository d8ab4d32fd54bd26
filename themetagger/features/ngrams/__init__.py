"""Words and character n-grams, counted: 4 to 14 times as fast as CountVectorizer."""
