"""What networks that are no classifiers say, shown beside the picture and on it."""
