"""Long work: its states, its queue, and the one thread that owns the GPU."""
