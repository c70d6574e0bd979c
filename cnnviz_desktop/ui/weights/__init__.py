"""Official weights: which are on this machine, and getting those that are not."""
