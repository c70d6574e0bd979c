"""Opens every network of the libraries and looks into it: ``python -m tests.networks``."""
