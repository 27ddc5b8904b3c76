"""The front door: CLI, settings, embedded run mode."""
