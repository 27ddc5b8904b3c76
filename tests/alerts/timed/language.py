"""The language of the timed scripts.

A script is a name, the tables of a routes file, and lines. A line has a time since the start (``0s``, ``90m``, ``1d2h30s``),
a verb and words:

    0s    push a                     an alert called a is raised; more words set its fields and tags: `push a rule=r company=x`
    5m    hold b severity=critical   the same for a standing alert
    9m    end b                      it is resolved
    1m    silence 30m rule=r         by "Li Wei": "maintenance"; `unsilence` ends the last one
    2m    ack b                      somebody looks after it
    3m    restart                    the process dies and another one starts on the same Redis
    4m    fail team 2                the next 2 messages to the receiver are refused for now, `break` for good

    expect 30s..31s team first a b   one message, in this time, to this receiver, for this reason, with these alerts
    note silence                     ... and it has a note with these words
    nothing 0s..1h team              no message in this time

Every message must be expected: what arrives beyond is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True, slots=True)
class Act:
    """Something that is done at a time."""

    at: timedelta
    verb: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """A message that must arrive from ``begin`` to ``end``, both included; ``reason`` ``nothing`` means that none may."""

    begin: timedelta
    end: timedelta
    receiver: str
    reason: str
    alerts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """One script, read."""

    name: str
    start: str
    until: timedelta
    routes: str
    acts: tuple[Act, ...] = ()
    expected: tuple[Expected, ...] = ()
    receivers: tuple[str, ...] = field(default=("team",))


def offset(text: str) -> timedelta:
    """``1d2h30m5s`` as a length of time. Raises ValueError."""
    if not re.fullmatch(r"(\d+[smhd])+", text):
        raise ValueError(f"{text!r} is no time of a script")
    return timedelta(seconds=sum(int(n) * UNITS[unit] for n, unit in re.findall(r"(\d+)([smhd])", text)))


def read(name: str, start: str, receivers: tuple[str, ...], routes: str, lines: str) -> Script:
    """A script from its text. Raises ValueError for a line that is none."""
    acts: list[Act] = []
    expected: list[Expected] = []
    for line in filter(None, (raw.partition("#")[0].strip() for raw in lines.splitlines())):
        head, *words = line.split()
        match head:
            case "expect" | "nothing":
                begin, _, end = words[0].partition("..")
                reason, alerts = (words[2], words[3:]) if head == "expect" else ("nothing", [])
                made = Expected(offset(begin), offset(end or begin), words[1], reason, tuple(alerts))
                expected.append(made)
            case "note":
                last = expected.pop()
                notes = (*last.notes, " ".join(words))
                expected.append(Expected(last.begin, last.end, last.receiver, last.reason, last.alerts, notes))
            case _:
                acts.append(Act(offset(head), words[0], tuple(words[1:])))
    times = [act.at for act in acts] + [one.end for one in expected]
    return Script(name, start, max(times), routes, tuple(acts), tuple(expected), receivers)
