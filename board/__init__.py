"""What people look at: pages, JSON API, metrics."""
