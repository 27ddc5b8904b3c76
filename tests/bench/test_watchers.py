"""Watching pages: what truly changes is known, noise changes nothing of it, and reports are held against it."""

from __future__ import annotations

from datetime import UTC, datetime

from bench.watchers.judge import Report, Verdict, judged
from bench.watchers.ours import source
from bench.watchers.sector import APART, Change, day
from scrapers.page import Page
from scrapers.parse import parse

NEW = Change(3, 5, "new", "/p003/a.html")


def test_a_report_of_the_page_in_time_answers_for_its_change() -> None:
    assert judged([NEW], [Report(3, 5)]) == Verdict(1, 0, 0)
    assert judged([NEW], [Report(3, 5 + APART - 1, NEW.path)]) == Verdict(1, 0, 0)


def test_another_page_another_row_too_late_and_twice_are_false() -> None:
    assert judged([NEW], [Report(4, 5)]) == Verdict(0, 1, 1)
    assert judged([NEW], [Report(3, 5, "/p003/b.html")]) == Verdict(0, 1, 1)
    assert judged([NEW], [Report(3, 5 + APART)]) == Verdict(0, 1, 1)
    assert judged([NEW], [Report(3, 4)]) == Verdict(0, 1, 1)
    assert judged([NEW], [Report(3, 5), Report(3, 6)]) == Verdict(1, 0, 1)


def test_a_day_is_the_same_again_and_its_changes_are_those_of_its_rows() -> None:
    shown = day(30, 24)
    assert shown.changes == day(30, 24).changes
    assert {change.kind for change in shown.changes} == {"new", "corrected", "withdrawn"}
    moved = {
        (place, hour)
        for place in range(shown.pages)
        for hour in range(1, shown.hours + 1)
        if shown.rows[place, hour] != shown.rows[place, hour - 1]
    }
    assert moved == {(change.place, change.hour) for change in shown.changes}


def test_noise_makes_every_answer_another_and_no_row() -> None:
    shown = day(4, 1)
    for place in range(4):  # each of the four ways in which such lists are written
        first, second = (shown.html(place, 0, visit) for visit in (1, 2))
        assert first != second
        assert _rows(first, place) == _rows(second, place)
        assert {key for key, _ in _rows(first, place)} == {row.path(place) for row in shown.rows[place, 0]}


def _rows(html: str, place: int) -> list[tuple[str, str]]:
    url = "http://127.0.0.1:1"
    found = parse(Page(source(url, place), f"{url}/p{place:03d}/", html.encode(), datetime(2022, 3, 7, tzinfo=UTC)))
    return [(notice.item_key, notice.content_hash) for notice in found.notices]
