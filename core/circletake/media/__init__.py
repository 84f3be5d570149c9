"""Media files: what they are, their frames, and one sweep that feeds everything."""
