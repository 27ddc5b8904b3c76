"""What people look at: one page, a read-only JSON API, charts and the metrics of this installation, read from Redis."""
