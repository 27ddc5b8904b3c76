"""The embedded run mode: a broker and a store as child processes that cannot outlive us."""
