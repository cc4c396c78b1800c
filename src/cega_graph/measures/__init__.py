"""Numbers about networks and tables, each with what it counts and how sure it is."""
