"""Colour maps, limits, colour bars and histograms of values."""
