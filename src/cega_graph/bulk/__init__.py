"""The build for large data: the tables are cut into parts, and processes make all that is made of a part."""
