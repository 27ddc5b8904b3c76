"""One module per family of sites. Each holds a pure platform: bytes and context in, notices out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from scrapers.page import Platform
from scrapers.platforms.bse import Bse
from scrapers.platforms.cninfo import Cninfo
from scrapers.platforms.csrc import Csrc
from scrapers.platforms.csrc_ipo import CsrcIpo
from scrapers.platforms.eudamed import Eudamed
from scrapers.platforms.fda import Fda
from scrapers.platforms.govlist import GovList
from scrapers.platforms.hanweb import Hanweb
from scrapers.platforms.hanweb_xxgk import HanwebXxgk
from scrapers.platforms.hkex import Hkex
from scrapers.platforms.hkex_listings import HkexListings
from scrapers.platforms.hkex_news import HkexNews
from scrapers.platforms.nfw import NFW
from scrapers.platforms.nmpa_cms import NmpaCms
from scrapers.platforms.openfda import OpenFda
from scrapers.platforms.pmda import Pmda
from scrapers.platforms.rss import Rss
from scrapers.platforms.shanghai import SHANGHAI
from scrapers.platforms.sse import Sse
from scrapers.platforms.szse import Szse
from scrapers.platforms.szse_announcements import SzseAnnouncements
from scrapers.platforms.trs import TRS
from scrapers.platforms.udi import Udi
from scrapers.source import CatalogError, Source

PLATFORMS: Mapping[str, Platform] = MappingProxyType(
    {
        "nmpa": NmpaCms(),
        "cmde": NmpaCms(),
        "hanweb": Hanweb(),
        "hanweb_xxgk": HanwebXxgk(),
        "trs": TRS,
        "nfw": NFW,
        "shanghai": SHANGHAI,
        "govlist": GovList(),
        "cninfo": Cninfo(),
        "hkex": Hkex(),
        "hkex_new_listings": HkexListings(),
        "hkex_news": HkexNews(),
        "sse": Sse(),
        "szse": Szse(),
        "szse_announcements": SzseAnnouncements(),
        "bse": Bse(),
        "csrc": Csrc(),
        "csrc_ipo": CsrcIpo(),
        "fda": Fda(),
        "openfda": OpenFda(),
        "eudamed": Eudamed(),
        "pmda": Pmda(),
        "rss": Rss(),
        "udi": Udi(),
    }
)
"""The platforms by the name that a catalogue file gives."""


def platform_of(source: Source) -> Platform:
    """The platform of a source. Raises `CatalogError` for one that there is not."""
    try:
        return PLATFORMS[source.platform]
    except KeyError:
        raise CatalogError(f"source {source.id}: there is no platform {source.platform!r}") from None
