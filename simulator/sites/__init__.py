"""The sites of the town. Each serves one publisher's documented markup from the facts."""

from __future__ import annotations

from simulator.facts import Facts
from simulator.sites.bse import Bse
from simulator.sites.cmde import cmde
from simulator.sites.cninfo import Cninfo
from simulator.sites.fda import Fda
from simulator.sites.hkex import Hkex
from simulator.sites.nhsa import Nhsa
from simulator.sites.nmpa import nmpa
from simulator.sites.provinces import provinces
from simulator.sites.site import Site
from simulator.sites.sse import Sse
from simulator.sites.szse import Szse
from simulator.sites.udi import Udi


def sites(facts: Facts) -> tuple[Site, ...]:
    """Every site of the town."""
    return (
        nmpa(facts),
        cmde(facts),
        Nhsa(facts.article),
        *provinces(facts.bulletin),
        Cninfo(facts.announcement),
        Hkex(facts.of("HKEX")),
        Sse(facts.of("SSE")),
        Szse(facts.of("SZSE")),
        Bse(facts.of("BSE")),
        Fda(facts.clearance),
        Udi(facts.delivery),
    )
