"""What the user decides once: where to compute, which programs may run, where weights come from."""
