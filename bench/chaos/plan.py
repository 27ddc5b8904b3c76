"""What goes wrong, and when: a plan that is the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random

CLIENTS = ("feeder", "worker-1", "worker-2", "alerts")
SERVERS = ("kafka", "redis")
PAIRS = (*((client, server) for client in CLIENTS for server in SERVERS), ("alerts", "slack"))
"""Who talks to whom, each through a proxy of its own."""
REPLAYED = ("medpulse.events", "medpulse.notices.unique", "medpulse.alerts", "medpulse.metrics")
"""Topics whose messages are delivered again in reverse order. The feeder repeats those of ``notices`` after each kill."""
LONGEST_STOP = 20.0


class Kind(StrEnum):
    """The kinds of fault."""

    KILL = "kill -9"
    STOP = "stop"
    RESET = "reset"
    REPLAY = "deliver again, reversed"
    BOTH = "restart both workers"


WEIGHTS = {Kind.KILL: 45, Kind.STOP: 20, Kind.RESET: 20, Kind.REPLAY: 10, Kind.BOTH: 5}
KILLED = {"feeder": 3, "worker-1": 4, "worker-2": 4, "alerts": 4, "redis": 3, "kafka": 2}
"""Who is killed how often, as weights: a broker takes the longest to come back."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: ``at`` seconds after the beginning, to whom, and for how many seconds where it lasts."""

    at: float
    kind: Kind
    whom: str
    seconds: float = 0.0

    def __str__(self) -> str:
        lasting = f" for {self.seconds:.0f} s" if self.seconds else ""
        return f"{self.kind} {self.whom}{lasting}"


def plan(seed: int, faults: int, spacing: float) -> list[Fault]:
    """``faults`` faults, one about every ``spacing`` seconds. Each kind comes once in every seven before chance decides."""
    rng = Random(seed)
    kinds: list[Kind] = []
    while len(kinds) < faults:
        some = [*Kind, *rng.choices(list(WEIGHTS), list(WEIGHTS.values()), k=9)]
        rng.shuffle(some)
        kinds += some
    at, made = 0.0, []
    for kind in kinds[:faults]:
        at += spacing * rng.uniform(0.4, 1.6)
        made.append(_fault(at, kind, rng))
    return made


def _fault(at: float, kind: Kind, rng: Random) -> Fault:
    match kind:
        case Kind.KILL:
            return Fault(at, kind, rng.choices(list(KILLED), list(KILLED.values()))[0])
        case Kind.STOP:
            return Fault(at, kind, rng.choice([*CLIENTS, *SERVERS]), rng.uniform(2.0, LONGEST_STOP))
        case Kind.RESET:
            return Fault(at, kind, "~".join(rng.choice(PAIRS)))
        case Kind.REPLAY:
            return Fault(at, kind, rng.choice(REPLAYED))
        case Kind.BOTH:
            return Fault(at, kind, "worker-1 and worker-2")
