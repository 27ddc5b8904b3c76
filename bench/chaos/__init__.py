"""Chaos: the real processes on the real servers, hurt by a seeded plan; then what was lost, counted twice or wrong is counted.

Kafka is Apache Kafka and Redis is Debian's redis-server with ``appendfsync always``: with ``everysec`` a killed machine may
lose the last second, and what is proved here is that medpulse loses nothing that its servers keep. The processes are those of
an installation (``medpulse run worker`` twice, ``medpulse run alerts``); in the scraper's place `bench.chaos.feeder` publishes
notices with the scraper's own producer, and remembers how far it came as a scraper does, after the broker has them.
"""
