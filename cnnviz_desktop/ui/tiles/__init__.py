"""Thousands of small maps in one grid."""
