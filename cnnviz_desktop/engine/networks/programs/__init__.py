"""Code and programs of the user's own: what they are, whether they may run, and their trial."""
