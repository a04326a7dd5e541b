"""Who adds to it."""
