"""The contenders as processes: ``python -m bench.flow.peers.NAME BOOTSTRAP REDIS HOW_MANY`` prints a `bench.flow.cost.Cost`."""
