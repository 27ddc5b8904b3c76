"""The timed scripts. Unless one says otherwise: Monday 2022-03-07, 09:00 in Shanghai, one receiver called ``team``."""

from __future__ import annotations

from tests.alerts.timed.language import Script, read

MONDAY = "2022-03-07T09:00:00+08:00"
BASE = """
[[route]]
id = "default"
receivers = ["*"]
group_by = ["rule"]
group_wait = "30s"
group_interval = "5m"
repeat_interval = "40m"
"""
TWO = (
    BASE.replace('["*"]', '["team"]')
    + '[[route]]\nid = "ops"\nreceivers = ["ops"]\nmatch = { rule = ["delivery-failed"] }\n'
)
OUTAGE = """
[[inhibit]]
id = "outage"
when = { rule = ["outage"] }
mute = { rule = ["quiet", "late"] }
equal = ["site"]
"""
NIGHT = """
[[time]]
id = "working-hours"
days = ["working"]
hours = ["09:00-18:00"]
"""


def _digest(every: str, more: str = "") -> str:
    head = '[[route]]\nid = "digest"\nreceivers = ["team"]\n'
    return f'{head}digest = "{every}"\ndigest_at = "09:00"\ngroup_by = []\n{more}'


def script(
    name: str, lines: str, routes: str = BASE, start: str = MONDAY, receivers: tuple[str, ...] = ("team",)
) -> Script:
    return read(name, start, receivers, routes, lines)


GROUPING = (
    script("one alert waits for others, then goes out", "0s push a\nexpect 30s..30s team first a"),
    script("what comes within the wait is one message", "0s push a\n29s push b\nexpect 30s..30s team first a b"),
    script(
        "what comes after it waits for the interval, and is new in the group",
        "0s push a\n31s push b\n60s push c\nexpect 30s..30s team first a\nexpect 5m30s..5m30s team new_in_group b c",
    ),
    script(
        "a group that was quiet for an interval begins anew",
        "0s push a\n6m push b\nexpect 30s..30s team first a\nexpect 6m30s..6m30s team first b",
    ),
    script(
        "different rules are different groups",
        "0s push a rule=r\n0s push b rule=s\nexpect 30s..30s team first a\nexpect 30s..30s team first b",
    ),
    script(
        "grouped by a tag, each company is a message",
        "0s push a company=x\n1s push b company=y\n2s push c company=x\nexpect 30s..30s team first a c\n"
        "expect 31s..31s team first b",
        BASE.replace('["rule"]', '["company"]'),
    ),
    script(
        "grouped by alert, everyone is a message at once",
        "0s push a\n0s push b\nexpect 0s..0s team first a\nexpect 0s..0s team first b",
        BASE.replace('["rule"]', '["alert"]').replace('"30s"', '"0s"'),
    ),
    script("the same alert twice is told once", "0s push a\n10s push a\n1h push a\nexpect 30s..30s team first a"),
    script("a burst of 300 is one message", "0s push a1-300\nexpect 30s..30s team first a1-300\nnothing 31s..2d team"),
    script(
        "a burst of 300 in three polls is two messages, not 300",
        "0s push a1-100\n20s push a101-200\n2m push a201-300\nexpect 30s..30s team first a1-200\n"
        "expect 5m30s..5m30s team new_in_group a201-300",
    ),
    script(
        "a burst of 300 is one grouped message and one digest, not 300",
        "0s push a1-300\nexpect 30s..30s team first a1-300\nexpect 1d..1d boss digest a1-300",
        BASE.replace('["*"]', '["team"]\ncontinue = true')
        + '[[route]]\nid = "digest"\nreceivers = ["boss"]\ndigest = "daily"\ndigest_at = "09:00"\ngroup_by = []\n',
        receivers=("team", "boss"),
    ),
    script(
        "more than 400 in one group are cut",
        "0s push a100-599\nexpect 30s..30s team first a100-499\nexpect 30s..30s team first a500-599",
    ),
)

SOURCES = (
    script(
        "one certificate on three sites within an hour is one message with three sources",
        "0s push a source=nmpa\n20m push a source=udi\n55m push a source=cmde\nexpect 1h..1h team first a\n"
        "nothing 1h1s..2d team",
        BASE.replace('"30s"', '"1h"'),
    ),
    script(
        "told at once, the second and third site bring no second message",
        "0s push a source=nmpa\n20m push a source=udi\n55m push a source=cmde\nexpect 30s..30s team first a\n"
        "nothing 31s..2d team",
    ),
)

REPEATS = (
    script(
        "what goes on is repeated",
        "0s hold a\n90m end a\nexpect 30s..30s team first a\nexpect 40m30s..40m30s team repeat a\n"
        "expect 80m30s..80m30s team repeat a\nexpect 90m..96m team resolved a",
    ),
    script("a fact is never repeated", "0s push a\nexpect 30s..30s team first a\nnothing 31s..3d team"),
    script(
        "an interval that does not divide the repeat does not delay it",
        "0s hold a\n2h end a\nexpect 30s..30s team first a\nexpect 1h30s..1h30s team repeat a\n"
        "expect 2h..2h7m team resolved a",
        BASE.replace('"5m"', '"7m"').replace('"40m"', '"1h"'),
    ),
    script(
        "an acknowledged alert is not repeated, and its end is told",
        "0s hold a\n10m ack a\n90m end a\nexpect 30s..30s team first a\nexpect 90m..96m team resolved a",
    ),
    script(
        "a repeat survives a restart",
        "0s hold a\n20m restart\n60m end a\nexpect 30s..30s team first a\nexpect 40m30s..40m30s team repeat a\n"
        "expect 60m..66m team resolved a",
    ),
    script(
        "a changed title is told as changed",
        "0s hold a title=slow\n10m hold a title=dead\n20m end a\nexpect 30s..30s team first a\n"
        "expect 10m..15m30s team changed a\nexpect 20m..26m team resolved a",
    ),
    script(
        "the same report again is no change",
        "0s hold a title=slow\n10m hold a title=slow\nexpect 30s..30s team first a\nnothing 31s..35m team",
    ),
    script(
        "louder is a change",
        "0s hold a severity=notice\n10m hold a severity=critical\nexpect 30s..30s team first a\n"
        "expect 10m..15m30s team changed a\nnothing 16m..45m team",
    ),
)

ENDS = (
    script("resolved before the first send is never told", "0s hold a\n20s end a\nnothing 0s..1d team"),
    script(
        "of two, the one that ended before the send is left out",
        "0s hold a\n1s hold b\n20s end a\n20m end b\nexpect 30s..30s team first b\nexpect 20m..26m team resolved b",
    ),
    script(
        "resolved after the send is told once",
        "0s hold a\n10m end a\n20m end a\nexpect 30s..30s team first a\nexpect 10m..15m30s team resolved a\n"
        "nothing 16m..1d team",
    ),
    script(
        "who does not want ends is not told of them",
        "0s hold a\n10m end a\nexpect 30s..30s team first a\nnothing 31s..1d team",
        BASE + "send_resolved = false\n",
    ),
    script(
        "an end across a restart is told",
        "0s hold a\n5m restart\n10m end a\n11m restart\nexpect 30s..30s team first a\n"
        "expect 10m..15m30s team resolved a",
    ),
    script(
        "an end and a beginning in one interval are one message",
        "0s hold a\n1m hold b\n2m end a\nexpect 30s..30s team first a\nexpect 5m30s..5m30s team new_in_group a b\n"
        "nothing 6m..39m team",
    ),
)

INHIBITION = (
    script(
        "an outage keeps back what it explains",
        "0s hold o rule=outage site=x\n1s hold q rule=quiet site=x\nexpect 30s..30s team first o\nnothing 31s..35m team",
        BASE + OUTAGE,
    ),
    script(
        "an outage of another site explains nothing",
        "0s hold o rule=outage site=x\n1s hold q rule=quiet site=y\nexpect 30s..30s team first o\n"
        "expect 31s..31s team first q",
        BASE + OUTAGE,
    ),
    script(
        "what is still so when the outage ends is told then",
        "0s hold o rule=outage site=x\n1s hold q rule=quiet site=x\n20m end o\nexpect 30s..30s team first o\n"
        "expect 20m..26m team resolved o\nexpect 20m..26m team first q",
        BASE + OUTAGE,
    ),
    script(
        "an inhibition holds across a restart",
        "0s hold o rule=outage site=x\n1m restart\n2m hold q rule=quiet site=x\n3m restart\n"
        "expect 30s..30s team first o\nnothing 31s..35m team",
        BASE + OUTAGE,
    ),
    script(
        "after a start it is only listened for a while: what is inhibited does not slip out",
        "0s hold q rule=quiet site=x\n50s hold o rule=outage site=x\nexpect 80s..80s team first o\n"
        "nothing 0s..79s team\nnothing 81s..35m team",
        BASE + OUTAGE + '[[start]]\nsettle = "60s"\n',
    ),
    script(
        "a restart listens again",
        "0s hold q rule=quiet site=x\n10s restart\n50s hold o rule=outage site=x\nexpect 80s..80s team first o\n"
        "nothing 81s..35m team",
        BASE + OUTAGE + '[[start]]\nsettle = "60s"\n',
    ),
    script(
        "a fact that an outage explains is not told later either",
        "0s hold o rule=outage site=x\n1s push q rule=quiet site=x\n20m end o\nexpect 30s..30s team first o\n"
        "expect 20m..26m team resolved o\nnothing 27m..1d team",
        BASE + OUTAGE,
    ),
    script(
        "two that would silence one another silence neither",
        "0s hold a rule=outage site=x\n0s hold b rule=outage site=x\nexpect 30s..30s team first a b",
        BASE + OUTAGE.replace('["quiet", "late"]', '["outage"]'),
    ),
)

SILENCES = (
    script(
        "a silence holds back, and the next message says that it ended",
        "0s silence 30m rule=r\n1m hold a\nexpect 30m..36m team first a\nnote Li Wei\nnothing 0s..29m team",
    ),
    script("a silence for others holds nothing", "0s silence 2h rule=other\n1m push a\nexpect 90s..90s team first a"),
    script(
        "a fact under a silence is not told later: it is recorded as suppressed",
        "0s silence 2h rule=r\n1m push a\nnothing 0s..1d team",
    ),
    script(
        "a silence that is ended early says who ended it",
        "0s silence 2d rule=r\n1m hold a\n20m unsilence\nexpect 20m..26m team first a\nnote ended by Wang Fang",
    ),
    script(
        "the end of a silence is told once",
        "0s silence 1h rule=r\n2h push a\n3h push b\nexpect 2h30s..2h30s team first a\nnote maintenance\n"
        "expect 3h30s..3h30s team first b",
    ),
    script(
        "a silence over what was told keeps its repeats back",
        "0s hold a\n10m silence 90m rule=r\nexpect 30s..30s team first a\nexpect 100m..106m team repeat a\nnote Li Wei",
    ),
    script(
        "a silence survives a restart, and so does its end",
        "0s silence 30m rule=r\n1m hold a\n10m restart\n20m restart\nexpect 30m..36m team first a\nnote maintenance",
    ),
    script(
        "ended under a silence, its end is not told",
        "0s hold a\n10m silence 90m rule=r\n30m end a\nexpect 30s..30s team first a\nnothing 31s..3h team",
    ),
)

THROTTLE = BASE.replace('["rule"]', '["alert"]').replace('"30s"', '"0s"') + 'throttle = { most = 2, per = "1h" }\n'
THROTTLING = (
    script(
        "the third message waits until the first is an hour old",
        "0s push a\n10m push b\n20m push c\nexpect 0s..0s team first a\nexpect 10m..10m team first b\n"
        "expect 60m..60m team first c",
        THROTTLE,
    ),
    script(
        "what is critical passes",
        "0s push a\n1m push b\n2m push c severity=critical\nexpect 0s..0s team first a\nexpect 1m..1m team first b\n"
        "expect 2m..2m team first c",
        THROTTLE,
    ),
    script(
        "what waits is told together where it is one group",
        "0s push a\n10m push b\n20m push c\n30m push d\nexpect 0s..0s team first a\nexpect 10m..10m team first b\n"
        "expect 60m..60m team first c d",
        THROTTLE.replace('["alert"]', '["rule"]').replace('"5m"', '"1m"'),
    ),
    script(
        "the count survives a restart",
        "0s push a\n1m push b\n2m restart\n3m push c\nexpect 0s..0s team first a\nexpect 1m..1m team first b\n"
        "expect 60m..60m team first c",
        THROTTLE,
    ),
)

FRIDAY_NIGHT = "2022-03-04T22:00:00+08:00"
EVE = "2022-09-30T20:00:00+08:00"
ACTIVE = BASE + 'active_times = ["working-hours"]\n' + NIGHT
TIMES = (
    script(
        "at night it waits for the morning of a working day",
        "0s push a\n1h push b\nexpect 2d11h..2d11h team first a b",
        ACTIVE,
        FRIDAY_NIGHT,
    ),
    script(
        "a holiday of a week is waited for, and a make-up Saturday is worked",
        "0s push a\nexpect 7d13h..7d13h team first a",
        ACTIVE,
        EVE,
    ),
    script(
        "a make-up Saturday is a working day",
        "0s push a\nexpect 30s..30s team first a",
        ACTIVE,
        "2022-10-08T10:00:00+08:00",
    ),
    script(
        "muted over lunch",
        "0s push a\nexpect 1h30m..1h30m team first a",
        BASE + 'mute_times = ["lunch"]\n[[time]]\nid = "lunch"\nhours = ["12:00-13:30"]\n',
        "2022-03-07T12:00:00+08:00",
    ),
    script(
        "what ended during the night is never told",
        "0s hold a\n2h end a\nnothing 0s..5d team",
        ACTIVE,
        FRIDAY_NIGHT,
    ),
)

LATE = "2022-03-07T23:59:00+08:00"
DIGESTS = (
    script(
        "a digest at midnight in Shanghai parts the days there, not in UTC",
        "30s push a\n2m push b\nexpect 1m..1m team digest a\nexpect 1d1m..1d1m team digest b",
        _digest("daily").replace("09:00", "00:00"),
        LATE,
    ),
    script(
        "a day of alerts is one digest, across rules",
        "0s push a rule=r\n6h push b rule=s\n23h push c\n1d1s push d\nexpect 1d..1d team digest a b c\n"
        "expect 2d..2d team digest d",
        _digest("daily"),
    ),
    script(
        "over a holiday, a digest on working days holds everything for the first of them",
        "0s push a\n3d push b\n6d push c\nexpect 7d13h..7d13h team digest a b c",
        _digest("daily", "digest_working_days = true\n"),
        EVE,
    ),
    script(
        "a weekly digest is due on Monday",
        "0s push a\n2d push b\n7d1s push c\nexpect 7d..7d team digest a b\nexpect 14d..14d team digest c",
        _digest("weekly"),
    ),
    script(
        "a weekly digest whose Monday is free is due on the next working day",
        "0s push a\nexpect 7d13h..7d13h team digest a",
        _digest("weekly", "digest_working_days = true\n"),
        EVE,
    ),
    script(
        "a digest survives a restart",
        "0s push a\n1h restart\n2h push b\n20h restart\nexpect 1d..1d team digest a b",
        _digest("daily"),
    ),
    script(
        "a day without alerts has no digest",
        "0s push a\nexpect 1d..1d team digest a\nnothing 1d1s..5d team",
        _digest("daily"),
    ),
)

ROUTES = (
    script(
        "the first child that matches takes the alert, the parent has the rest",
        "0s push a rule=x\n0s push b\nexpect 30s..30s ops first a\nexpect 30s..30s team first b",
        BASE.replace('["*"]', '["team"]')
        + '[[route]]\nid = "x"\nparent = "default"\nreceivers = ["ops"]\nmatch = { rule = ["x"] }\n',
        receivers=("team", "ops"),
    ),
    script(
        "with continue the next one has it, too",
        "0s push a rule=x\nexpect 30s..30s ops first a\nexpect 30s..30s team first a",
        '[[route]]\nid = "x"\nreceivers = ["ops"]\nmatch = { rule = ["x"] }\ncontinue = true\n' + BASE,
        receivers=("team", "ops"),
    ),
    script(
        "only the loud ones",
        "0s push a severity=notice\n0s push b severity=critical\nexpect 30s..30s team first b",
        BASE + 'min_severity = "warning"\n',
    ),
)

FAILURES = (
    script(
        "a receiver that is busy is tried again when it asked",
        "0s fail team 1\n0s push a\nexpect 90s..90s team first a",
    ),
    script(
        "a message that is refused for good is told to others, and that it works again",
        "0s break team 1\n0s push a\n10m push b\nexpect 60s..60s ops first delivery-failed:*\n"
        "expect 10m30s..10m30s team first b\nexpect 10m30s..16m ops resolved delivery-failed:*",
        TWO,
        receivers=("team", "ops"),
    ),
    script(
        "what comes again while its message waits for a retry is told once",
        "0s fail team 2\n0s push a\n40s push a\n50s restart\n55s push a\nexpect 150s..150s team first a\nnothing 151s..1h team",
    ),
    script(
        "an end that comes again while its message waits is told once",
        "0s hold a\n10m fail team 2\n10m end a\n11m end a\nexpect 30s..30s team first a\n"
        "expect 12m30s..12m30s team resolved a\n"
        "nothing 13m..1h team",
    ),
    script(
        "a retry survives a restart",
        "0s fail team 2\n0s push a\n45s restart\nexpect 150s..150s team first a",
    ),
)

SCRIPTS = (
    *GROUPING,
    *SOURCES,
    *REPEATS,
    *ENDS,
    *INHIBITION,
    *SILENCES,
    *THROTTLING,
    *TIMES,
    *DIGESTS,
    *ROUTES,
    *FAILURES,
)
