"""Ids: the same fact has the same id, different facts have different ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.ids import digest, fact_id, normalised

WORD = st.text(st.characters(codec="utf-8"), min_size=1, max_size=80).filter(lambda text: bool(normalised(text)))
PLAIN = st.text("abc0189-./", min_size=1, max_size=100)


@given(st.lists(WORD, min_size=1, max_size=3))
def test_the_same_key_gives_the_same_id_of_bounded_length(parts: list[str]) -> None:
    made = fact_id("device_approval", *parts)
    assert made == fact_id("device_approval", *parts)
    assert len(made) <= len("device_approval:") + 120
    assert made.startswith("device_approval:")


@given(st.lists(PLAIN, min_size=1, max_size=4), st.lists(PLAIN, min_size=1, max_size=4))
def test_different_keys_give_different_ids(first: list[str], second: list[str]) -> None:
    assert (fact_id("k", *first) == fact_id("k", *second)) is (first == second)


def test_long_keys_that_differ_at_their_end_differ() -> None:
    assert fact_id("k", "x" * 200 + "1") != fact_id("k", "x" * 200 + "2")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("国械注准20223210001", " 国械注准 20223210001\n"),
        ("Ｋ２１３７６０", "k213760"),
        ("A＋轮", "a+轮"),
        ("x\u3000y", "xy"),
    ],
)
def test_two_spellings_of_one_key_are_one_fact(one: str, other: str) -> None:
    assert fact_id("k", one) == fact_id("k", other)


@pytest.mark.parametrize("parts", [(), ("",), ("a", " \u3000\n"), ("", "b")])
def test_a_key_with_an_empty_part_is_refused(parts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="every part"):
        fact_id("k", *parts)


def test_the_kind_tells_equal_keys_apart() -> None:
    assert fact_id("filing", "1") != fact_id("guidance", "1")


@given(st.lists(st.binary(max_size=8), max_size=4), st.lists(st.binary(max_size=8), max_size=4))
def test_a_digest_does_not_collide_by_joining(first: list[bytes], second: list[bytes]) -> None:
    assert (digest(*first) == digest(*second)) is (first == second)


def test_a_digest_takes_text_as_its_utf_8() -> None:
    assert digest("文") == digest("文".encode())
    assert len(digest("文")) == 64
