"""Renderings of a data set as files of other programs; none of them imports another."""
