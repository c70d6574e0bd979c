"""Tests of the choice of the method."""
