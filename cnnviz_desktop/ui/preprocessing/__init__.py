"""How a picture becomes the network's input: what the input is, and the recipe it is made by."""
