"""What a text means: labels with their evidence, entities, and the events that follow. Pure."""
