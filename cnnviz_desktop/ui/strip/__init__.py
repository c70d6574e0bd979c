"""The images that are open, as thumbnails."""
