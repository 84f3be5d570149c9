"""All windows and all drawing."""
