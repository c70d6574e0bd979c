"""Networks that are no classifiers: pixels, boxes and vectors."""
