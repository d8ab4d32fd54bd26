"""What the cells of a table's theme columns say: names in a cell, 0/1 columns, maps, spellings, and notes on them."""
