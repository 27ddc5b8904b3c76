"""Prometheus' Alertmanager, through its API v2."""

from alerts.channels.alertmanager.channel import AlertmanagerChannel

__all__ = ["AlertmanagerChannel"]
