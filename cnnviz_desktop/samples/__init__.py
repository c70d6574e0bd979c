"""The sample that ships: rendered scenes, a small network and the program that trains it."""
