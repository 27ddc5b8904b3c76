"""Ten thousand alerts through a receiver that fails and dispatchers that are killed: what is lost, what is told twice."""
