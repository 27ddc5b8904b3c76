"""Messages survive the wire, their headers are complete, and envelopes keep their bounds."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from events.asyncapi import carried, headers
from events.base import Money
from events.notice import Notice, NoticeBatch
from events.schema import EVENT_TYPES, MESSAGES, schemas
from events.topics import BATCH_BYTES, BATCH_NOTICES, NOTICES, NOTICES_UNIQUE, TOPICS
from events.wire import Unreadable, batches, decode, decode_event, encode, metric_key, record
from tests.events.strategies import TEXT, messages

SCHEMAS = schemas()
some = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.mark.parametrize("model", MESSAGES.values(), ids=MESSAGES.keys())
@some
@given(data=st.data())
def test_what_is_encoded_is_decoded_and_fits_its_schema(model: type[BaseModel], data: st.DataObject) -> None:
    message = data.draw(messages(model))
    assert encode(message) == message.model_dump_json().encode()
    assert decode(model, encode(message)) == message
    assert not list(Draft202012Validator(SCHEMAS[model.__name__]).iter_errors(orjson.loads(encode(message))))


@pytest.mark.parametrize("model", MESSAGES.values(), ids=MESSAGES.keys())
@some
@given(data=st.data(), deep=st.booleans())
def test_a_copy_is_as_pydantic_makes_it(model: type[BaseModel], data: st.DataObject, deep: bool) -> None:
    message, other = data.draw(messages(model)), data.draw(messages(model))
    names = data.draw(st.sets(st.sampled_from(sorted(model.model_fields))))
    few = model.model_construct(set(), **dict(message))  # as if no field had been given
    for one in (message, few):
        update = {name: getattr(other, name) for name in names}
        before, given = dict(vars(one)), set(one.model_fields_set)
        made, expected = one.model_copy(update=update, deep=deep), BaseModel.model_copy(one, update=update, deep=deep)
        assert (made, made.model_fields_set) == (expected, expected.model_fields_set)
        assert (vars(one), one.model_fields_set) == (before, given)


def test_an_integer_beyond_64_bits_is_written_too() -> None:
    money = Money(minor=10**30, currency="CNY")
    assert encode(money) == money.model_dump_json().encode()
    assert decode(Money, encode(money)) == money


@pytest.mark.parametrize("model", EVENT_TYPES)
@some
@given(data=st.data())
def test_an_event_is_decoded_as_its_own_type(model: type[BaseModel], data: st.DataObject) -> None:
    event = data.draw(messages(model))
    again = decode_event(encode(event))
    assert type(again) is model
    assert again == event


@pytest.mark.parametrize("model", [model for topic in TOPICS for model in carried(topic)])
@some
@given(data=st.data())
def test_a_record_goes_to_its_topic_with_complete_headers(model: type[BaseModel], data: st.DataObject) -> None:
    message = data.draw(messages(model))
    made = record(message)
    assert model in carried(made.topic)
    told = {name: value.decode() for name, value in made.headers}
    assert len(told) == len(made.headers)
    faults = [error.message for error in Draft202012Validator(headers(model)).iter_errors(told)]
    # A model takes an empty id, which CloudEvents does not: only that is let pass here.
    assert [fault for fault in faults if "should be non-empty" not in fault] == []
    assert decode(model, made.value) == message


def test_a_notice_has_no_topic_of_its_own(notice: Notice) -> None:
    with pytest.raises(TypeError, match="Notice has no topic"):
        record(notice)


def test_a_batch_travels_on_the_topic_it_is_given(notice: Notice) -> None:
    batch = NoticeBatch(batch_id="b.0", source_id="nmpa-delivery", notices=(notice,))
    assert record(batch).topic is NOTICES
    assert record(batch, NOTICES_UNIQUE).topic is NOTICES_UNIQUE
    assert record(batch).key == b"nmpa-delivery"


@pytest.mark.parametrize("value", [None, b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"type": "rumour"}'])
def test_bytes_that_are_no_message_are_unreadable(value: bytes | None) -> None:
    with pytest.raises(Unreadable):
        decode_event(value)
    with pytest.raises(Unreadable):
        decode(NoticeBatch, value)


def test_unreadable_names_the_field_and_counts_the_rest() -> None:
    with pytest.raises(Unreadable, match=r"^batch_id: Field required \(and 2 more\)$"):
        decode(NoticeBatch, b"{}")


def test_a_field_from_a_newer_producer_is_ignored(notice: Notice) -> None:
    newer = {**orjson.loads(encode(notice)), "added_later": 1}
    assert decode(Notice, orjson.dumps(newer)) == notice


@given(st.dictionaries(st.text("abc", min_size=1), st.text("xyz", min_size=1), max_size=4))
def test_a_metric_key_does_not_depend_on_the_order_of_dimensions(dims: dict[str, str]) -> None:
    turned = dict(reversed(dims.items()))
    assert metric_key("m", dims) == metric_key("m", turned)
    assert metric_key("m", dims) == "m" if not dims else metric_key("m", dims).startswith("m{")


def test_a_metric_key_reads_as_people_write_it() -> None:
    assert metric_key("certificates", {}) == "certificates"
    assert (
        metric_key("certificates", {"year": "2022", "origin": "domestic"}) == "certificates{origin=domestic,year=2022}"
    )


@some
@given(st.lists(st.tuples(st.integers(0, 200_000), TEXT), max_size=30))
def test_envelopes_keep_order_and_bounds(sizes: list[tuple[int, str]]) -> None:
    notices = [sized(number, size, text) for number, (size, text) in enumerate(sizes)]
    made = list(batches("s", "poll", notices))
    assert [n for batch in made for n in batch.notices] == notices
    assert [batch.batch_id for batch in made] == [f"poll.{part}" for part in range(len(made))]
    for batch in made:
        assert 1 <= len(batch.notices) <= BATCH_NOTICES
        assert len(batch.notices) == 1 or len(encode(batch)) <= BATCH_BYTES


def test_an_envelope_is_closed_at_its_number_of_notices() -> None:
    counts = [len(b.notices) for b in batches("s", "p", [sized(i, 0, "") for i in range(2 * BATCH_NOTICES + 1)])]
    assert counts == [BATCH_NOTICES, BATCH_NOTICES, 1]


def test_one_notice_too_big_for_an_envelope_travels_alone() -> None:
    big, small = sized(1, BATCH_BYTES * 2, ""), sized(2, 10, "")
    assert [b.notices for b in batches("s", "p", [small, big, small])] == [(small,), (big,), (small,)]


def sized(number: int, size: int, text: str) -> Notice:
    return Notice(
        notice_id=f"notice:s:{number}",
        source_id="s",
        item_key=str(number),
        url="https://example.invalid/",
        title=text,
        body="文" * (size // 3),
        detected_at=datetime(2022, 3, 7, tzinfo=UTC),
    )


@pytest.fixture
def notice() -> Notice:
    return sized(1, 30, "标题")
