"""Which marks there are, on the left, and why one stands where it stands, on the right."""
