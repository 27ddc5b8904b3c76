"""A generic webhook: CloudEvents over HTTP, signed."""

from alerts.channels.webhook.channel import WebhookChannel

__all__ = ["WebhookChannel"]
