"""What is computed, one module a family; each method is one generator function."""
