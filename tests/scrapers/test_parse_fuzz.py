"""Mutated pages: whatever the bytes, only the parsers' own error leaves a parser. ``make fuzz`` for ten thousand a parser."""

from __future__ import annotations

import os
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrapers.page import Page, ParseError
from scrapers.parse import parse
from scrapers.platforms import PLATFORMS
from tests.scrapers.fuzz import fuzzed, page_of
from tests.scrapers.mutations import mutated, seeds

EXAMPLES = int(os.environ.get("MEDPULSE_FUZZ", "25"))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_only_parse_errors_leave_a_parser(platform: str) -> None:
    assert seeds(platform), f"no saved page is on {platform}"
    found = fuzzed(platform, range(EXAMPLES))
    assert not found.exceptions
    assert found.row()["pages"] == EXAMPLES


@settings(max_examples=EXAMPLES * 4, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.randoms(use_true_random=False), platform=st.sampled_from(sorted(PLATFORMS)))
def test_a_parser_is_pure(draw: Random, platform: str) -> None:
    page = mutated(draw, platform)
    assert _said(page) == _said(page)


def _said(page: Page) -> object:
    try:
        return parse(page)
    except ParseError as error:
        return type(error), str(error)


def test_a_number_names_one_page() -> None:
    assert page_of("nmpa", 1, 7) == page_of("nmpa", 1, 7)
    assert page_of("nmpa", 1, 7).content != page_of("nmpa", 2, 7).content
