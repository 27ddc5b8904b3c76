"""TRS, the CMS of Beijing, Fujian and Hunan: articles at ``…/202412/t20241231_3978283.html``, bodies in ``.TRS_Editor``."""

from __future__ import annotations

import re

from scrapers.platforms.govlist import GovList

TRS = GovList(re.compile(r"/t(?:19|20)\d{6}_\d+(?:_\d+)?\.s?html?$", re.IGNORECASE), second=1)
"""Pages of a list: ``index.html``, ``index_1.html`` is the second (Beijing). Rules: SITES.md, A.4."""
