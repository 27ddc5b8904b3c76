"""Mutated pages: whatever the bytes, only the parsers' own error leaves. ``make fuzz`` for ten thousand a parser."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrapers.page import Page, ParseError
from scrapers.parse import parse
from scrapers.platforms import PLATFORMS
from tests.scrapers.fuzz import fuzzed
from tests.scrapers.mutations import mutated, seeds

EXAMPLES = int(os.environ.get("MEDPULSE_FUZZ", "25"))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_only_parse_errors_leave_a_parser(platform: str) -> None:
    assert seeds(platform), f"no saved page is on {platform}"
    assert fuzzed(platform, EXAMPLES, 1)["pages"]


@settings(max_examples=EXAMPLES * 4, deadline=None, suppress_health_check=list(HealthCheck))
@given(page=st.sampled_from(sorted(PLATFORMS)).flatmap(mutated))
def test_a_parser_is_pure(page: Page) -> None:
    assert _outcome(page) == _outcome(page)


def _outcome(page: Page) -> object:
    try:
        return parse(page)
    except ParseError as error:
        return type(error), str(error)
