"""Copies: the same notice reposted by another office, by a city, under another address; found, explained, undone."""
