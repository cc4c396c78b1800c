"""PDF casebooks: glyphs with their places → text in reading order, form feeds between pages."""
