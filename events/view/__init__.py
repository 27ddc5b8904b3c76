"""The Redis view: its keys, the series in it, and how they are read. Written by ``streams``, read by every room."""
