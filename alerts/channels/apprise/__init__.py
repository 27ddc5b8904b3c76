"""Whatever apprise has a URL for: Feishu, DingTalk, WeCom, Telegram, Teams, PagerDuty …"""

from alerts.channels.apprise.channel import AppriseChannel

__all__ = ["AppriseChannel"]
