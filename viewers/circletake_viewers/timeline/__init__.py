"""The timeline: film, sound, curves and marks over time, and the hands that move them."""
