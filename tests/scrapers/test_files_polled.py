"""Files that items link to: downloaded with their items, archived, read; what is wrong with one of them costs itself."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from events.clock import VirtualClock
from events.messages import Outcome
from events.notice import Notice
from scrapers.round import Limits
from scrapers.source import FilesRead, Source, catalog
from streams.enrich.register import register
from tests.scrapers.hostile import WALL, Hostile, drip, endless, hang, listed, page
from tests.scrapers.papers import pdf, word
from tests.scrapers.rig import A, B, Rig, own, rigged, small

PDF, WORD = pdf("营业收入 1,234 万元"), word(["通知正文"])
READ = FilesRead()


def _lay(site: Hostile, **files: bytes) -> Source:
    site.pages["/list"] = listed(A | {"files": " ".join(f"/{name}.pdf" for name in files)})
    for name, content in files.items():
        site.pages[f"/{name}.pdf"] = page(content)
    return small(site.url(), files=READ, details=False)


def _last(rig: Rig) -> Notice:
    return rig.sent.notices[-1]


@pytest.mark.asyncio
async def test_files_are_archived_and_their_text_travels_with_their_item(rig: Rig, site: Hostile) -> None:
    source = _lay(site, one=PDF, two=WORD)
    report = await rig.poll(source)
    assert (report.outcome, report.items_new) == (Outcome.NEW, 1)
    one, two = _last(rig).attachments
    assert [page.text for page in one.pages] == ["营业收入 1,234 万元"]
    assert (one.pages_total, one.media_type, one.unread) == (1, "application/pdf", None)
    assert [page.text for page in two.pages] == ["通知正文"]
    kept = {one.url: one for one in rig.kept}
    assert kept[one.url].content == PDF
    assert one.archive == kept[one.url].pointer
    assert (await rig.poll(source)).outcome is Outcome.UNCHANGED
    assert site.times_asked("/one.pdf") == 1


@pytest.mark.asyncio
async def test_only_the_files_that_the_source_names_are_asked_for(rig: Rig, site: Hostile) -> None:
    site.pages["/list"] = listed(A | {"files": "/a.pdf /a.zip"}, B | {"files": "/b.pdf"})
    site.pages["/a.pdf"] = page(PDF)
    source = small(site.url(), files=FilesRead(title="甲", where={"number": "^1$"}), details=False)
    await rig.poll(source)
    assert [site.times_asked(path) for path in ("/a.pdf", "/a.zip", "/b.pdf")] == [1, 0, 0]
    await rig.poll(source.model_copy(update={"id": "other", "files": None}))
    assert site.times_asked("/a.pdf") == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("gone", "404"),
        ("html", "no PDF, Word or Excel"),
        ("torn", "broken PDF"),
        ("scan", "pictures"),
        ("large", "larger"),
    ],
)
async def test_a_file_that_cannot_be_read_costs_itself(rig: Rig, site: Hostile, name: str, why: str) -> None:
    source = _lay(site, bad=b"", good=PDF)
    manners = {"html": b"<html>file moved</html>", "torn": PDF[:100], "scan": pdf("")}
    site.pages["/bad.pdf"] = (
        endless if name == "large" else page(manners.get(name, b"no"), 404 if name == "gone" else 200)
    )
    assert (await rig.poll(source)).outcome is Outcome.NEW
    bad, good = _last(rig).attachments
    assert why in (bad.unread or "")
    assert not bad.pages
    assert good.pages
    letters = [letter for letter in rig.sent.letters if letter.topic.endswith("bad.pdf")]
    assert len(letters) == (name in {"html", "torn", "scan"})
    assert (await rig.poll(source)).outcome is Outcome.UNCHANGED


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("manner", "outcome"),
    [
        (hang, Outcome.OUTAGE),
        (drip, Outcome.OUTAGE),
        (page(b"later", 503), Outcome.OUTAGE),
        (page(b"slow down", 429, retry_after="5"), Outcome.THROTTLED),
        (page(WALL), Outcome.CHALLENGED),
    ],
    ids=["hang", "drip", "503", "429", "wall"],
)
async def test_a_host_in_trouble_is_left_alone_and_the_next_poll_catches_up(
    tmp_path: Path, clock: VirtualClock, site: Hostile, manner: object, outcome: Outcome
) -> None:
    async with rigged(tmp_path, clock) as rig:
        source = _lay(site, one=PDF)
        site.pages["/one.pdf"] = manner  # type: ignore[assignment]
        assert (await rig.poll(source)).outcome is outcome
        assert rig.sent.notices == []
        site.pages["/one.pdf"] = page(PDF)
        await clock.advance_to(clock.now() + timedelta(hours=3))
        assert (await rig.poll(source)).outcome is Outcome.NEW
        assert _last(rig).attachments[0].pages


@pytest.mark.asyncio
async def test_an_item_whose_file_never_comes_is_published_without_it(
    tmp_path: Path, clock: VirtualClock, site: Hostile
) -> None:
    async with rigged(tmp_path, clock, limits=Limits(give_up=2)) as rig:
        source = _lay(site, one=PDF)
        site.pages["/one.pdf"] = page(b"later", 503)
        outcomes = []
        for _ in range(2):
            outcomes.append((await rig.poll(source)).outcome)
            await clock.advance_to(clock.now() + timedelta(hours=3))
        assert outcomes == [Outcome.OUTAGE, Outcome.NEW]
        assert "503" in (_last(rig).attachments[0].unread or "")


@pytest.mark.asyncio
async def test_a_poll_reads_so_many_files_and_the_next_one_goes_on(
    tmp_path: Path, clock: VirtualClock, site: Hostile
) -> None:
    async with rigged(tmp_path, clock, limits=Limits(files=2)) as rig:
        items = [B | {"key": key, "files": f"/{key}1.pdf /{key}2.pdf"} for key in "abc"]
        site.pages["/list"] = listed(*items)
        site.pages |= {f"/{key}{n}.pdf": page(PDF) for key in "abc" for n in (1, 2)}
        source = small(site.url(), files=READ, details=False)
        new = [(await rig.poll(source)).items_new for _ in range(4)]
        assert new == [1, 1, 1, 0]
        assert rig.sent.keys == {"a": 1, "b": 1, "c": 1}


@pytest.mark.asyncio
async def test_an_edited_item_has_its_files_read_again_where_their_text_was_not_kept(rig: Rig, site: Hostile) -> None:
    site.pages["/list"] = listed(B | {"key": "a", "own": True}, etag='"same"')
    long = pdf(
        *[f"第{n}页 " + "".join(chr(0x4E00 + (n * 97 + m * 31) % 20000) for m in range(1200)) for n in range(20)]
    )
    site.pages["/long.pdf"] = page(long)
    site.pages["/item/a"] = own("a", files="/long.pdf")
    source = small(site.url(), files=READ)
    await rig.poll(source)
    whole = _last(rig).attachments
    assert whole[0].pages_total == 20
    site.pages["/item/a"] = own("a", files="/long.pdf", body="corrected")
    await rig.clock.advance_to(rig.clock.now() + timedelta(hours=7))
    assert (await rig.poll(source)).outcome is Outcome.NEW
    assert _last(rig).body == "corrected"
    assert _last(rig).attachments[0].pages == whole[0].pages


@pytest.mark.parametrize(("source", "digits"), [("cninfo", 6), ("hkex-latest", 5)])
def test_reports_of_every_listed_company_of_the_register_are_read(source: str, digits: int) -> None:
    files = catalog()[source].files
    assert files is not None
    listed = {code for company in register().companies.values() for code in company.stock_codes if len(code) == digits}
    assert listed
    assert [code for code in sorted(listed) if not re.search(files.where["stock_code"], code)] == []
    assert not re.search(files.where["stock_code"], "000001"[:digits])
