"""Playing a timeline: what is seen and heard when, pictures and sound ready before they are due, and the clock."""
