"""Formats of annotation tools, one module for each kind: read as tables, and written where the tool loads them."""
