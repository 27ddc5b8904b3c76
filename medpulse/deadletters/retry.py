"""Trying a dead letter again, at the stage that failed and nowhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from alerts.dispatch import Dispatcher
from alerts.rules_room import RulesRoom
from events.consumed import Consumed
from events.messages import Alert, DeadLetter, Metric, SourceHealth
from events.topics import ALERTS, METRICS, SOURCE_HEALTH
from events.wire import Unreadable, decode, decode_event, envelopes
from medpulse.deadletters.book import Entry
from medpulse.errors import Failure
from medpulse.house import House
from medpulse.rooms import routing, told
from scrapers.page import Page, ParseError
from scrapers.parse import parse
from scrapers.source import catalog
from streams.agents.aggregate import Aggregate
from streams.agents.dedupe import Dedupe
from streams.agents.enrich import Enrich
from streams.agents.health import Health
from streams.brake import Brake
from streams.enrich.events import events_of
from streams.sinks import Sinks
from streams.store import Store

Take = Callable[[list[Consumed]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Retried:
    """How a retry went: ``failure`` is the new reason, None where the stage took the message."""

    id: str
    stage: str
    failure: str | None


@dataclass(frozen=True, slots=True)
class _Watching(Sinks):
    """Sinks that note what is buried instead of burying it again: the letter is in the book already."""

    buried: list[str] = field(default_factory=list)

    async def bury(self, stage: str, message: Consumed, reason: str, error: BaseException) -> None:
        at = f"{stage} at {message.topic}/{message.partition}/{message.offset}"
        self.buried.append(f"{reason}: {type(error).__name__}: {error} ({at})")


async def retry(home: House, entry: Entry) -> Retried:
    """Give the original message to the stage that failed. Every stage is idempotent, so a retry too many changes nothing.

    Raises `Failure` for a letter that cannot be tried again: only the beginning of its message was kept, or nobody knows
    its stage.
    """
    letter = entry.letter
    if entry.cut:
        raise Failure(f"{entry.id} holds only the beginning of its message: poll or reparse its source, then drop it")
    if letter.stage == "parse":
        return Retried(entry.id, letter.stage, await _parsed_again(home, letter))
    sinks = _Watching(home.redis, Store(home.redis), home.publisher, home.clock, Brake(stop=lambda *_: None))
    await sinks.store.load()
    stages = _stages(home, sinks)
    if letter.stage not in stages:
        raise Failure(f"no stage is called {letter.stage!r}; known are parse, {', '.join(stages)}")
    message = Consumed(letter.topic, letter.partition, letter.offset, letter.key, letter.original)
    if letter.stage in {"rules", "dispatch"} and (failure := _unreadable(message)):
        return Retried(entry.id, letter.stage, failure)
    await stages[letter.stage]([message])
    return Retried(entry.id, letter.stage, sinks.buried[0] if sinks.buried else None)


def _stages(home: House, sinks: Sinks) -> dict[str, Take]:
    rules, receivers = told(home.settings, home.clock)
    judging = RulesRoom(home.backends.kafka, home.redis, home.clock, rules, home.publisher)
    ways = routing(home.settings, receivers)
    dispatching = Dispatcher(home.backends.kafka, home.redis, home.clock, receivers, home.publisher, ways)
    return {
        "dedupe": Dedupe(sinks).take,
        "enrich": Enrich(sinks, events_of).take,
        "aggregate": Aggregate(sinks).take,
        "health": Health(sinks).take,
        "rules": judging.take,
        "dispatch": dispatching.take,
    }


def _unreadable(message: Consumed) -> str | None:
    """Why the rooms of the alerts, which would bury it again, cannot read a message; None if they can."""
    try:
        match message.topic:
            case ALERTS.name:
                decode(Alert, message.value)
            case METRICS.name:
                decode(Metric, message.value)
            case SOURCE_HEALTH.name:
                decode(SourceHealth, message.value)
            case _:
                decode_event(message.value)
    except Unreadable as error:
        return f"unreadable: {error}"
    return None


async def _parsed_again(home: House, letter: DeadLetter) -> str | None:
    """Parse the page by today's parser and publish what it says; the reason where it still says nothing."""
    source = catalog().get((letter.key or b"").decode(errors="replace"))
    if source is None:
        return f"the source {letter.key!r} is not in the catalogue"
    try:
        said = parse(Page(source, letter.topic, letter.original, letter.at))
    except ParseError as error:
        return f"{type(error).__name__}: {error}"
    await home.publisher.send_until_done(envelopes(source.id, said.notices), "retry")
    return None
