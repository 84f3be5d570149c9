"""From measured signals to curves, and from curves to segments."""
