"""Files → rows: each reader says for every row where it is from, and reports what it could not place."""
