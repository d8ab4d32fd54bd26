"""The report wing: winners in as plain data; a table, its averages, figures and one page out."""
