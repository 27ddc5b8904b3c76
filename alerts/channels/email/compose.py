"""The mail itself: headers that name it, text, HTML, and the charts inside it."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from alerts.channels.email.body import cid, html, subject, text
from alerts.channels.email.mailbox import Mailbox
from alerts.message import Message
from alerts.texts import one_line
from events.clock import Clock
from events.ids import digest


def compose(message: Message, box: Mailbox, clock: Clock) -> EmailMessage:
    """The mail. Its Message-ID is made of the message's key: a second copy is the same mail to a mail reader.

    The List- headers are those of RFC 2369, 2919 and 8058; Auto-Submitted (RFC 3834) keeps holiday notes from answering.
    """
    sender = parseaddr(box.sender)
    domain = sender[1].rpartition("@")[2]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(one_line(sender[0]), addr_spec=sender[1])
    mail["To"] = tuple(Address(one_line(name), addr_spec=spec) for name, spec in map(parseaddr, box.to))
    mail["Subject"] = subject(message)
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{message.key}@{domain}>"
    if message.thread_key:
        # A message that was never sent: mail readers hang all that name it on one thread, whichever came first.
        mail["References"] = f"<{digest(message.receiver, message.thread_key)[:40]}.thread@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Id"] = f"<{message.receiver}.medpulse.{domain}>"
    if message.possible_duplicate:
        mail["X-Medpulse-Possible-Duplicate"] = "yes"
    if box.unsubscribe:
        mail["List-Unsubscribe"] = f"<{box.unsubscribe}>"
        if box.unsubscribe.startswith("https:"):
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text(message))
    mail.add_alternative(html(message), subtype="html")
    if message.content is not None:
        _embed(mail, message)
    return mail


def _embed(mail: EmailMessage, message: Message) -> None:
    """The charts as parts of the HTML (RFC 2392), so that nothing is fetched from anywhere."""
    page = mail.get_body(("html",))
    assert isinstance(page, EmailMessage)
    assert message.content is not None
    for picture in message.content.pictures:
        name = f"{picture.id}.png"
        page.add_related(picture.png, "image", "png", cid=f"<{cid(picture)}>", filename=name, disposition="inline")
