"""Events and metrics to alerts, alerts to people."""
