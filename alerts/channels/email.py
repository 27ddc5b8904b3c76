"""E-mail through SMTP: plain text and HTML, STARTTLS or TLS, certificates always verified."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

import aiosmtplib
from aiosmtplib import SMTPConnectError, SMTPRecipientsRefused, SMTPResponseException
from pydantic import SecretStr

from alerts.channels.channel import ChannelError
from alerts.channels.verdict import Verdict, of_smtp
from alerts.message import Message
from alerts.render_email import html, subject, text
from alerts.texts import one_line
from events.clock import Clock
from events.ids import digest

TIMEOUT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where and how the mail goes. ``security``: ``starttls`` (required), ``tls`` from the first byte, or ``none``."""

    host: str
    port: int
    sender: str
    to: tuple[str, ...]
    security: str = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    unsubscribe: str | None = None
    ca_file: str | None = None
    timeout_seconds: float = TIMEOUT_SECONDS


class EmailChannel:
    """One mailbox of recipients."""

    def __init__(self, mailbox: Mailbox, clock: Clock) -> None:
        self._box = mailbox
        self._clock = clock
        self._tls = ssl.create_default_context(cafile=mailbox.ca_file)

    async def send(self, message: Message) -> str:
        """Send it to every recipient in one transaction. Raises `ChannelError`."""
        box = self._box
        try:
            refused, answer = await aiosmtplib.send(
                compose(message, box, self._clock),
                sender=parseaddr(box.sender)[1],
                recipients=[parseaddr(to)[1] for to in box.to],
                hostname=box.host,
                port=box.port,
                username=box.username,
                password=box.password.get_secret_value() if box.password else None,
                use_tls=box.security == "tls",
                start_tls=box.security == "starttls",
                tls_context=self._tls,
                timeout=box.timeout_seconds,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _judged(error) from error
        missing = f"; refused: {', '.join(f'{to} ({r.code})' for to, r in refused.items())}" if refused else ""
        return one_line(answer)[:200] + missing


def compose(message: Message, box: Mailbox, clock: Clock) -> EmailMessage:
    """The mail. Its Message-ID is made of the alerts and the receiver: a second copy is the same mail to a mail reader."""
    sender = parseaddr(box.sender)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(one_line(sender[0]), addr_spec=sender[1])
    mail["To"] = tuple(Address(one_line(name), addr_spec=spec) for name, spec in map(parseaddr, box.to))
    mail["Subject"] = subject(message)
    mail["Date"] = format_datetime(clock.now())
    key = digest(message.receiver, *(alert.alert_id for alert in message.alerts))
    mail["Message-ID"] = f"<{key[:40]}@{sender[1].rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    if box.unsubscribe:
        mail["List-Unsubscribe"] = f"<{box.unsubscribe}>"
    mail.set_content(text(message))
    mail.add_alternative(html(message), subtype="html")
    return mail


def _judged(error: Exception) -> ChannelError:
    """What an SMTP failure means. A text of the server may be shown; what we sent to log in with may not."""
    said = one_line(str(error))[:200]
    match error:
        case ssl.SSLError():
            return ChannelError(f"TLS failed: {said}", permanent=isinstance(error, ssl.SSLCertVerificationError))
        case SMTPResponseException():
            text = f"the mail server answered {error.code} {one_line(error.message)[:200]}"
            return ChannelError(text, permanent=of_smtp(error.code) is Verdict.GIVE_UP)
        case SMTPRecipientsRefused():
            verdicts = {of_smtp(r.code) for r in error.recipients}
            codes = ", ".join(f"{r.recipient} {r.code}" for r in error.recipients)
            return ChannelError(f"every recipient was refused: {codes}", permanent=verdicts == {Verdict.GIVE_UP})
        case aiosmtplib.SMTPNotSupported():
            return ChannelError(f"the mail server cannot do what is asked: {said}", permanent=True)
        case _ if type(error) is aiosmtplib.SMTPException:
            # aiosmtplib's own refusal to go on, before any mail was sent: mostly a server without STARTTLS.
            return ChannelError(f"the mail server cannot do what is asked: {said}", permanent=True)
        case SMTPConnectError():
            return ChannelError(f"the mail server could not be reached: {said}", permanent=False)
        case _:
            return ChannelError(f"no answer from the mail server: {said}", permanent=False, uncertain=True)
