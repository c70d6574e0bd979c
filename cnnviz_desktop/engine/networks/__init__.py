"""Where a network comes from, one module a source."""
