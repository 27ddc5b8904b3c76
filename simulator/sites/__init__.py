"""The sites of the town. Each serves one publisher's documented markup from the facts."""

from __future__ import annotations

from simulator.facts import Facts
from simulator.sites.bse import Bse
from simulator.sites.cmde import cmde
from simulator.sites.cninfo import Cninfo
from simulator.sites.csrc import Csrc, Prospectuses
from simulator.sites.eudamed import Eudamed
from simulator.sites.fda import Fda
from simulator.sites.hkex import Hkex
from simulator.sites.hkex_listings import HkexListings
from simulator.sites.hkex_news import HkexNews
from simulator.sites.multi import Shared
from simulator.sites.nhsa import Nhsa
from simulator.sites.nmpa import nmpa
from simulator.sites.openfda import OpenFda
from simulator.sites.papers import covers, papers
from simulator.sites.pmda import Pmda
from simulator.sites.press import Press
from simulator.sites.provinces import provinces
from simulator.sites.site import Site
from simulator.sites.sse import Sse
from simulator.sites.szse import Szse
from simulator.sites.szse_announcements import DISK, SzseAnnouncements
from simulator.sites.udi import Udi


def sites(facts: Facts) -> tuple[Site, ...]:
    """Every site of the town."""
    return (
        nmpa(facts),
        cmde(facts),
        Nhsa(facts.article),
        *provinces(facts.bulletin),
        Cninfo(facts.announcement),
        covers("static.cninfo.com.cn", "", facts.announcement),
        covers("disc.static.szse.cn", f"/download/{DISK}", facts.announcement),
        Shared(Hkex(facts.of("HKEX")), HkexNews(facts.items("hkex-latest")), papers("www1.hkexnews.hk", facts.paper)),
        HkexListings(facts.of("HKEX")),
        Sse(facts.of("SSE")),
        Shared(Szse(facts.of("SZSE")), SzseAnnouncements(facts.announcement)),
        Bse(facts.of("BSE")),
        Csrc(facts),
        Prospectuses(facts.items("csrc-ipo")),
        Fda(facts.clearance),
        OpenFda(facts.clearance),
        Eudamed(facts.items("eudamed")),
        Pmda(facts.items("pmda")),
        Press(facts.items("press")),
        Udi(facts.delivery),
    )
