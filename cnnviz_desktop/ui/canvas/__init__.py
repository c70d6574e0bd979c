"""The image, the map over it, and what is under the pointer."""
