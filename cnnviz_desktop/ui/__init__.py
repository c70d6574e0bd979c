"""Widgets. No torch: they build requests and show results."""
