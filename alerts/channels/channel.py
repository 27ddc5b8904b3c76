"""What a channel is: one method that sends one message, and an error that says whether to try again, and when."""

from __future__ import annotations

from typing import Protocol

from alerts.message import Message


class ChannelError(Exception):
    """A message was not taken.

    ``permanent``: trying again cannot help. ``retry_after``: seconds that the receiver asked us to wait. ``uncertain``: the
    receiver may have taken it all the same (the connection was lost before its answer), so a further try may be a duplicate.
    The text never holds a secret: neither a webhook's URL nor a password.
    """

    def __init__(
        self, text: str, *, permanent: bool, retry_after: float | None = None, uncertain: bool = False
    ) -> None:
        super().__init__(text)
        self.permanent = permanent
        self.retry_after = retry_after
        self.uncertain = uncertain


class Channel(Protocol):
    """A way to one receiver."""

    async def send(self, message: Message) -> str:
        """Send it and return the receiver's answer. Raises `ChannelError`."""
        ...
