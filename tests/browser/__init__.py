"""Pages opened in Chromium."""
