"""The tree of the network's layers."""
