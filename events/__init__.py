"""The contract: what the rooms of medpulse say to one another, on Kafka and in Redis."""

from events.sparing import without

with without(
    "rich", "greenlet"
):  # for coloured tracebacks and for gevent: our logs have neither, and 5 MB more are a lot
    import structlog as _structlog  # noqa: F401
