"""What commands print: tables, sentences, commands to be copied, and results, within the width of the terminal."""
