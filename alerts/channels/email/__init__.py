"""E-mail: the transport over SMTP, the mail, and its text and HTML."""

from alerts.channels.email.channel import EmailChannel
from alerts.channels.email.mailbox import Mailbox

__all__ = ["EmailChannel", "Mailbox"]
