"""E-mail through SMTP: STARTTLS or TLS, certificates always verified."""

from __future__ import annotations

import ssl
from email.utils import parseaddr

import aiosmtplib
from aiosmtplib import SMTPConnectError, SMTPRecipientsRefused, SMTPResponseException

from alerts.channels.channel import ChannelError
from alerts.channels.email.compose import compose
from alerts.channels.email.mailbox import Mailbox
from alerts.channels.http import inert, trusted
from alerts.channels.verdict import Verdict, of_smtp
from alerts.message import Message
from alerts.texts import one_line
from events.clock import Clock

__all__ = ["EmailChannel", "Mailbox"]


class EmailChannel:
    """One mailbox of recipients."""

    def __init__(self, mailbox: Mailbox, clock: Clock) -> None:
        self._box = mailbox
        self._clock = clock
        self._tls = trusted(mailbox.ca_file)

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
                tls_context=self._tls if box.security != "none" else None,
                timeout=box.timeout_seconds,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _judged(error) from error
        missing = f"; refused: {', '.join(f'{to} ({r.code})' for to, r in refused.items())}" if refused else ""
        return inert(answer) + one_line(missing)


def _judged(error: Exception) -> ChannelError:
    """What an SMTP failure means. A text of the server may be shown; what we sent to log in with may not."""
    said = inert(str(error))
    match error:
        case ssl.SSLError():
            # A certificate that is out of date is renewed one day: until then the mail waits, and is given up in time.
            return ChannelError(f"TLS failed: {said}", permanent=False)
        case SMTPResponseException():
            text = f"the mail server answered {error.code} {inert(error.message)}"
            # A good reply at the wrong place: it may well have been taken.
            verdict = of_smtp(error.code)
            return ChannelError(text, permanent=verdict is Verdict.GIVE_UP, uncertain=verdict is Verdict.DELIVERED)
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
