"""See what a PyTorch convolutional network has learnt and where it looks."""
