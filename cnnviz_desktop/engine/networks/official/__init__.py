"""Official weights: what publishers offer, what of it is on this machine, and how it comes here."""
