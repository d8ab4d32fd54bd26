"""What a search leaves on disk: trials, finished studies, and a copy in a database."""
