"""A drill: a marked test to every receiver, through its own channel, with a record like any other message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.channels.channel import ChannelError
from alerts.deliver import Receiver, delivery
from alerts.ledger import Claim, Ledger
from alerts.stages.parcel import Parcel
from events.base import Severity
from events.clock import Clock
from events.messages import Alert, Reason

RULE = "drill"
WORDS = "This is a drill: nothing happened. Somebody tries whether this receiver can be told · 演练：并无事件发生"


@dataclass(frozen=True, slots=True)
class Drilled:
    """How the drill of one receiver ended."""

    receiver: str
    channel: str
    taken: bool
    answer: str


def drill_parcel(receiver: str, author: str, at: datetime) -> Parcel:
    """The message of a drill."""
    ident = f"{RULE}:{receiver}:{at.isoformat()}"
    alert = Alert(
        alert_id=ident,
        rule_id=RULE,
        severity=Severity.INFO,
        title=f"Drill for {receiver}, by {author} · 演练",
        text=WORDS,
        subject=receiver,
        labels={"title_zh": "演练，请忽略"},
        raised_at=at,
        tags={"kind": ("drill",)},
    )
    return Parcel(
        message_id=ident,
        receiver=receiver,
        alerts=(alert,),
        reason=Reason.FIRST,
        thread_key=ident,
        notes=(WORDS,),
        drill=True,
    )


async def drill(receivers: Sequence[Receiver], ledger: Ledger, clock: Clock, author: str) -> list[Drilled]:
    """Send the drill to each receiver once, now, and record what came of it. A receiver that fails stops no other."""
    return [await _one(receiver, ledger, clock, author) for receiver in receivers]


async def _one(receiver: Receiver, ledger: Ledger, clock: Clock, author: str) -> Drilled:
    parcel = drill_parcel(receiver.id, author, clock.now())
    try:
        answer, taken = await receiver.channel.send(parcel.told(possible_duplicate=False)), True
    except ChannelError as error:
        answer, taken = str(error), False
    except Exception as error:  # noqa: BLE001 the next receiver is tried all the same; the text may hold a secret
        answer, taken = f"the channel failed: {type(error).__name__}", False
    made = delivery(parcel, receiver, 0, Claim(attempts=1), "sent" if taken else "failed", answer, clock.now())
    await ledger.record(parcel, [made])
    return Drilled(receiver.id, receiver.kind, taken, answer)
