"""One module for each type of event: a notice and its labels in, events out. Pure."""
