"""Benchmarks: every speed that medpulse claims is printed by one of these."""
