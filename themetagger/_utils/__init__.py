"""What every room may use: files, log, console, threads."""
