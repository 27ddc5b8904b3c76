"""Digests: what a day or a week brought, for one receiver, once."""
