"""NFW, the CMS of Guangdong: articles at ``…/content/post_4847124.html``, the date of a list's row in ``i``."""

from __future__ import annotations

import re

from scrapers.platforms.govlist import GovList

NFW = GovList(re.compile(r"/m?post_\d+\.s?html?$", re.IGNORECASE), second=2)
"""Pages of a list: ``index.html``, ``index_2.html`` is the second. Rules: SITES.md, A.4."""
