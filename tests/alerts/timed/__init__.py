"""Timed scripts: what is pushed when, and what must arrive between when and when. See `language` for how they read."""
