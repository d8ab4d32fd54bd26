"""Who does the work of a search, on which data, and how far it is."""
