"""The job itself, the same for every peer: what a notice means, and one call of the Redis Function that counts it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from events.event import EventBase
from events.notice import Notice
from streams.enrich.events import events_of
from streams.enrich.memo import remember
from streams.enrich.register import register
from streams.enrich.taxonomy import taxonomy

REMEMBER = "MEDPULSE_FLOW_REMEMBER"
"""Set for peers that are to remember answers (`streams.enrich.memo`), as our worker does and a plain program would not."""
if os.environ.get(REMEMBER):
    remember()
taxonomy()  # read before the clock starts, as our worker does
register()


def meaning(notices: Sequence[Notice]) -> list[EventBase]:
    """The events of the notices, by medpulse's own pure function."""
    return [event for notice in notices for event in events_of(notice)]
