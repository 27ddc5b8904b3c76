"""The book of dead letters: what the topic holds, and what an operator has said of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError
from redis.asyncio import Redis

from events.base import Message, UtcDatetime
from events.consume import scan
from events.ids import digest
from events.messages import DeadLetter
from events.topics import DEAD_LETTERS
from events.view import layout
from events.wire import Unreadable, decode
from medpulse.errors import Failure

State = Literal["open", "retried", "dropped"]


class Settled(Message):
    """What an operator did with a letter, when, and how it went."""

    action: Literal["retried", "dropped"]
    at: UtcDatetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A letter with its id, how often the same message was buried, and what was done with it. ``letter`` is the latest."""

    id: str
    letter: DeadLetter
    times: int
    settled: Settled | None

    @property
    def state(self) -> State:
        """``open`` until it is settled, and again when it has failed since."""
        if self.settled is None or self.letter.at > self.settled.at:
            return "open"
        return self.settled.action

    @property
    def cut(self) -> bool:
        """Whether the letter holds only the beginning of its message."""
        return "was cut)" in self.letter.reason or "too large" in self.letter.reason


def letter_id(letter: DeadLetter) -> str:
    """Twelve hexadecimal digits: the same for the same message at the same stage, however often it fails."""
    place = f"{letter.topic}/{letter.partition}/{letter.offset}"
    return digest(letter.stage, place, letter.key or b"", letter.original)[:12]


def entries(letters: Iterable[DeadLetter], settled: Mapping[str, Settled]) -> list[Entry]:
    """One entry a message, the latest failure first. Pure."""
    found: dict[str, tuple[DeadLetter, int]] = {}
    for letter in letters:
        ident = letter_id(letter)
        last, times = found.get(ident, (letter, 0))
        found[ident] = (letter if letter.at >= last.at else last, times + 1)
    made = (Entry(ident, letter, times, settled.get(ident)) for ident, (letter, times) in found.items())
    return sorted(made, key=lambda entry: (entry.letter.at, entry.id), reverse=True)


async def read_book(bootstrap: str, redis: Redis) -> list[Entry]:
    """Every letter of the topic. One that is itself unreadable is a letter about itself. Raises `BrokerAway`, RedisError."""
    letters: list[DeadLetter] = []
    async for batch in scan(bootstrap, DEAD_LETTERS):
        for message in batch:
            try:
                letters.append(decode(DeadLetter, message.value))
            except Unreadable as error:
                raise Failure(
                    f"{message.topic}/{message.partition}/{message.offset} is no dead letter ({error}): "
                    "somebody else writes to this topic, or a newer medpulse does; use that version"
                ) from error
    return entries(letters, await _settled(redis))


async def settle(redis: Redis, ident: str, settled: Settled) -> None:
    """Note what was done with a letter."""
    await redis.hset(layout.SETTLED, ident, settled.model_dump_json())


def one(found: Iterable[Entry], ident: str) -> Entry:
    """The letter whose id begins with ``ident``. Raises `Failure` where there is none, or more than one."""
    matching = [entry for entry in found if entry.id.startswith(ident.strip())]
    if len(matching) != 1:
        what = "no dead letter has" if not matching else f"{len(matching)} dead letters have"
        raise Failure(f"{what} an id that begins with {ident!r}: see `medpulse dlq list`")
    return matching[0]


async def _settled(redis: Redis) -> dict[str, Settled]:
    known: dict[str, Settled] = {}
    for ident, value in (await redis.hgetall(layout.SETTLED)).items():
        try:
            known[layout.text(ident)] = Settled.model_validate_json(value)
        except ValidationError:
            continue  # written by another version: the letter is open again, which loses nothing
    return known
