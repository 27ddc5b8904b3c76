"""A town of pretend sites, for the demo, the tests and the benchmarks."""
