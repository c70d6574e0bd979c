"""The worker thread and the queue in front of it. QtCore only."""
