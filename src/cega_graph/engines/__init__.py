"""Engines that build large data on many machines, from the same row functions as one machine."""
