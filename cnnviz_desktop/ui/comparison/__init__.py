"""The comparison table: methods × layers, methods × classes, images × methods, filled as results stream in."""
