"""Readers of plain data formats with the place of every value; sources and rule packs both stand on them."""
