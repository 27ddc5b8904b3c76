"""Every metric a second time, from the events alone: what the view says can be checked against it."""
