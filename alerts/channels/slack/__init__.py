"""Slack: an incoming webhook, or a bot that can thread and split."""

from alerts.channels.slack.bot import SlackBotChannel
from alerts.channels.slack.webhook import SlackChannel

__all__ = ["SlackBotChannel", "SlackChannel"]
