"""PyTorch: runs requests against networks and yields results. No Qt."""
