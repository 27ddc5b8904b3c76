"""The real servers of the integration tests: those of `bench.real`."""

from __future__ import annotations

from bench.real import Missing, apache_kafka, debian_redis, install_kafka, redis_binary

__all__ = ["Missing", "apache_kafka", "debian_redis", "install_kafka", "redis_binary"]
