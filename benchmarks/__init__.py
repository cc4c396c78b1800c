"""Measurements: each step beside the naive way and the physical limit, in one run."""
