"""The dialog in which a network is chosen, whatever it comes from."""
