"""The CMS of Shanghai's bureau: articles at ``…/20260313/<32 hex digits>.html``, their day in the path."""

from __future__ import annotations

import re

from scrapers.platforms.govlist import GovList

SHANGHAI = GovList(re.compile(r"/(?:19|20)\d{6}/[0-9a-f]{32}\.s?html?$", re.IGNORECASE))
"""How its lists number their pages is not known: only a link to the next one is followed. Rules: SITES.md, A.4."""
