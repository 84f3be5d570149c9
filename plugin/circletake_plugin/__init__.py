"""What runs inside other editors: standard library only."""
