"""Weights files in the wild: read safely, told, and put into the networks they belong to."""
