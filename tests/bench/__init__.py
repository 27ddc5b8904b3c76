"""Tests of the pure parts of bench/: what is measured must be judged rightly."""
