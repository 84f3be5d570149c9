"""Makes the bundled sample clip; a developer's tool, run as `python -m make_sample`, and no part of the product."""
