"""The choice of the method that explains, its parameters, and what it explains."""
