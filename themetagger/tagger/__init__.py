"""One estimator for all themes, its file, and its explanations."""
