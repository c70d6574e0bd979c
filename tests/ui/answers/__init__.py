"""What networks that are no classifiers say, in the window."""
