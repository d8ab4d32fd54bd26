"""A spot check of tags: drawn at random, judged by a person, and tested until it is decided."""
