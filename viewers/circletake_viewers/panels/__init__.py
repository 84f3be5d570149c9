"""The bars round the work, and the page where nothing is open."""
