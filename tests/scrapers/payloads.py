"""``python -m tests.scrapers.payloads``: the real payloads of ``../shared``: rows that are there, rows that were read."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from medpulse.output import print_rows
from scrapers.page import Page
from scrapers.parse import parse
from scrapers.source import catalog

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "payloads"
HK = "https://www1.hkexnews.hk/ncms/json/eds/"
FILES: dict[str, tuple[str, str, Callable[[str], int]]] = {
    "bse_infoResult.jsonp": ("bse-ipo", "", lambda text: text.count('"companyName"')),
    "sse_commonSoaQuery_SH_XM_LB.jsonp": ("sse-ipo", "", lambda text: text.count('"stockAuditNum"')),
    "szse_projectrends_query.json": ("szse-ipo", "", lambda text: len(json.loads(text)["data"])),
    "hkex_appactive_appphip_sehk_c.json": (
        "hkex-applications",
        f"{HK}appactive_appphip_sehk_c.json",
        lambda text: len(json.loads(text)["app"]),
    ),
    "hkex_new_listings_main_board.html": (
        "hkex-new-listings",
        "",
        lambda text: len(re.findall(r"<td>\d{4}</td>", text)),
    ),
    "fda_ai_list_to_2021.xml": ("fda-ai-list", "", lambda text: text.count("<row>")),
}
"""File → its source, its URL where that is not the source's home, and the number of rows counted without a parser."""


def counted(folder: Path = FOLDER) -> list[dict[str, object]]:
    """A row for each file: what it holds, what was read, and how many rows lack what the source requires."""
    return [_counted(folder / name, *how) for name, how in FILES.items()]


def _counted(file: Path, source_id: str, url: str, count: Callable[[str], int]) -> dict[str, object]:
    source, content = catalog()[source_id], file.read_bytes()
    found = parse(Page(source, url or source.home, content, datetime.now(UTC)))
    said = ((n.fields | {"title": n.title, "published_at": str(n.published_at or "")}) for n in found.notices)
    lacking = sum(not all(one.get(name) for name in source.required) for one in said)
    row: dict[str, object] = {"file": file.name, "source": source_id, "rows": count(content.decode("utf-8"))}
    return row | {"read": len(found.notices), "lacking": lacking, "replaced": found.replaced}


def main() -> int:
    """Print the counts; exit code 1 where a row was not read."""
    if not FOLDER.is_dir():
        sys.stderr.write(f"{FOLDER} is not here\n")
        return 1
    rows = counted()
    print_rows(rows, as_json=False)
    return int(any(row["rows"] != row["read"] or row["lacking"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
