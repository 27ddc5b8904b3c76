"""Each of the nine outcomes, from what an answer was and what it said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from events.base import Precision
from events.messages import Outcome
from events.notice import Notice
from scrapers.answer import Broken, Fetched, Refused, Throttled, Unreachable
from scrapers.outcome import Verdict, conclude, fault, lacks, worth_parsing
from scrapers.page import Challenged, Malformed, Parsed, ParseError
from tests.scrapers.rig import small

AT = datetime(2022, 3, 7, 1, 0, tzinfo=UTC)
LISTED = small("https://www.nhsa.gov.cn/", details=False, required=("title", "published_at", "number"))


def _answer(status: int = 200) -> Fetched:
    return Fetched("https://www.nhsa.gov.cn/", status, {}, b"x", AT, not_modified=status == 304)


def _notice(key: str, *, dated: bool = True, **fields: str) -> Notice:
    return Notice(
        notice_id=f"small:{key}",
        source_id="small",
        item_key=key,
        url="https://www.nhsa.gov.cn/x",
        title="t",
        published_at=AT if dated else None,
        published_precision=Precision.DAY if dated else None,
        fields=fields,
        detected_at=AT,
    )


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Unreachable("no route"), Outcome.OUTAGE),
        (Refused("robots.txt"), Outcome.REFUSED),
        (Throttled("a pause", 30), Outcome.THROTTLED),
        (Broken("cut off"), Outcome.MALFORMED),
    ],
)
def test_no_answer(error: Unreachable | Refused | Throttled | Broken, outcome: Outcome) -> None:
    assert fault(LISTED, error, None) == Verdict(outcome, str(error), None, error.retry_after)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (412, Outcome.CHALLENGED),
        (521, Outcome.CHALLENGED),
        (429, Outcome.THROTTLED),
        (401, Outcome.REFUSED),
        (403, Outcome.REFUSED),
        (404, Outcome.REFUSED),
        (410, Outcome.REFUSED),
        (408, Outcome.OUTAGE),
        (500, Outcome.OUTAGE),
        (503, Outcome.OUTAGE),
        (302, Outcome.DRIFTED),
    ],
)
def test_a_status_that_brings_no_page(status: int, outcome: Outcome) -> None:
    found = fault(LISTED, _answer(status), ParseError("no list"), 60.0)
    assert found is not None
    assert (found.outcome, found.http_status, found.retry_after) == (outcome, status, 60.0)


@pytest.mark.parametrize(
    ("status", "read", "outcome"),
    [
        (200, Challenged("$_ts"), Outcome.CHALLENGED),
        (202, Challenged("$_ts"), Outcome.CHALLENGED),
        (403, Challenged("$_ts"), Outcome.CHALLENGED),
        (200, Malformed("no JSON"), Outcome.MALFORMED),
        (200, ParseError("no list"), Outcome.DRIFTED),
        (200, Parsed(()), Outcome.DRIFTED),
    ],
)
def test_a_page_that_is_not_what_it_was(status: int, read: Parsed | ParseError, outcome: Outcome) -> None:
    found = fault(LISTED, _answer(status), read)
    assert found is not None
    assert found.outcome is outcome


def test_a_list_may_be_empty_where_the_source_says_so() -> None:
    source = small("https://www.nhsa.gov.cn/", never_empty=False)
    assert fault(source, _answer(), Parsed(())) is None
    assert conclude([], [], 0, 0).outcome is Outcome.EMPTY


@pytest.mark.parametrize(("dated", "drifted"), [(0, True), (4, True), (5, False), (10, False)])
def test_fields_that_most_rows_lack(dated: int, drifted: bool) -> None:
    rows = tuple(_notice(str(n), dated=n < dated, number="1") for n in range(10))
    found = fault(LISTED, _answer(), Parsed(rows))
    assert (found is not None) is drifted
    if found:
        assert found == Verdict(Outcome.DRIFTED, f"{10 - dated} of 10 items have no published_at", 200)


def test_what_is_required_of_an_item_may_stand_in_its_fields_or_rows() -> None:
    assert lacks(LISTED, _notice("a")) == "a has no number"
    assert lacks(LISTED, _notice("a", number="1")) is None
    assert lacks(LISTED, _notice("a").model_copy(update={"rows": ({"number": "1"},)})) is None
    assert lacks(LISTED, _notice("a", dated=False)) == "a has no published_at, number"


def test_what_is_worth_parsing() -> None:
    worth = [status for status in (200, 202, 304, 403, 404, 412, 429, 500, 503, 521) if worth_parsing(_answer(status))]
    assert worth == [200, 202, 403, 404, 412, 521]


def test_one_outcome_for_one_poll() -> None:
    dead, bad = Verdict(Outcome.REFUSED, "the site answered 404", 404), Verdict(Outcome.OUTAGE, "reset")
    assert conclude([dead], [bad], 20, 5) == dead, "a dead list does not hide behind a living one"
    news = conclude([], [bad], 20, 5)
    assert (news.outcome, news.detail) == (Outcome.NEW, "5 of 20 items are new or changed; 1 not yet: reset")
    assert conclude([], [bad], 20, 0).outcome is Outcome.OUTAGE
    assert conclude([], [], 20, 0).outcome is Outcome.UNCHANGED
    assert conclude([], [], None, 0).outcome is Outcome.UNCHANGED


def test_nothing_found_under_404_is_an_answer_where_the_site_says_so_in_words() -> None:
    source = small("https://api.fda.gov/", never_empty=False)
    assert fault(source, _answer(404), Parsed((), nothing=True)) is None
    for status, read in ((404, Parsed(())), (404, None), (403, Parsed((), nothing=True))):
        found = fault(source, _answer(status), read)
        assert found is not None
        assert found.outcome is Outcome.REFUSED
