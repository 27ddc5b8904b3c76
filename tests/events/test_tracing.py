"""W3C Trace Context: what is read, what is written, what a step leaves behind."""

from __future__ import annotations

import subprocess
import sys

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from events.messages import Alert
from events.tracing import HEADER, Trace, current, parse, root, span, spans, trace_of, within
from events.wire import Record, encode, record
from tests.alerts.build import alert

HEX = "0123456789abcdef"
ids = st.builds(
    Trace,
    st.text(HEX, min_size=32, max_size=32).filter(lambda t: t.strip("0")),
    st.text(HEX, min_size=16, max_size=16).filter(lambda t: t.strip("0")),
    st.booleans(),
)
A = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")


@given(ids)
def test_what_is_written_is_read(trace: Trace) -> None:
    assert parse(trace.header) == parse(trace.header.encode()) == trace


@given(st.none() | st.integers() | st.binary() | st.text() | st.lists(st.text()))
def test_a_hostile_header_never_raises(raw: object) -> None:
    found = parse(raw)
    assert found is None or parse(found.header) == found


@given(
    st.from_regex(r"[0-9a-f]{2}-[0-9a-fA-F]{30,34}-[0-9a-f]{15,17}-[0-9a-f]{2}(-.{0,3})?", fullmatch=True)
    | st.from_regex(r"\d\d-\d{32}-\d{16}-\d\d", fullmatch=True)
)
def test_an_almost_right_header_never_raises(raw: str) -> None:
    found = parse(raw)
    assert found is None or (raw[3:35], raw[36:52]) == (found.trace_id, found.span_id)


@pytest.mark.parametrize(
    "wrong",
    [
        f"ff-{A.trace_id}-{A.span_id}-01",  # a version that there will never be
        f"00-{A.trace_id}-{A.span_id}-01-more",
        f"00-{'0' * 32}-{A.span_id}-01",
        f"00-{A.trace_id}-{'0' * 16}-01",
        f"00-{A.trace_id.upper()}-{A.span_id}-01",
        f"00-{A.trace_id}-{A.span_id}-01\n",
        f"01-{A.trace_id}-{A.span_id}-01-{'x' * 1000}",
    ],
)
def test_what_the_standard_refuses_is_no_trace(wrong: str) -> None:
    assert parse(wrong) is None


def test_a_later_version_is_read_as_far_as_it_is_known() -> None:
    assert parse(f"01-{A.trace_id}-{A.span_id}-03-more") == A
    assert parse(f"00-{A.trace_id}-{A.span_id}-00") == Trace(A.trace_id, A.span_id, sampled=False)


@given(
    st.none()
    | st.integers()
    | st.dictionaries(st.text(), st.binary() | st.none())
    | st.lists(st.tuples(st.text() | st.just(HEADER), st.binary() | st.none()))
)
def test_hostile_headers_never_raise(headers: object) -> None:
    trace_of(headers)


def test_the_header_is_found_in_pairs_and_in_a_mapping() -> None:
    pairs = (("ce_id", b"1"), (HEADER, A.header.encode()))
    assert trace_of(pairs) == trace_of(dict(pairs)) == A
    assert trace_of(()) is None


def _header(one: Record) -> str | None:
    return dict(one.headers).get(HEADER, b"").decode() or None


def test_a_record_carries_the_current_trace_or_the_one_that_its_message_names() -> None:
    said = alert(1)
    assert _header(record(said)) is None
    with within(A):
        assert _header(record(said)) == A.header
    named = said.model_copy(update={"traceparent": A.header})
    assert _header(record(named)) == A.header
    assert Alert.model_validate_json(encode(named)).traceparent == A.header
    assert _header(record(said.model_copy(update={"traceparent": "x\r\n"}))) is None


def test_log_lines_of_a_step_say_its_trace_and_those_after_it_do_not() -> None:
    with root("poll", source_id="s") as outer:
        assert outer.trace is not None
        assert structlog.contextvars.get_contextvars() == {"trace_id": outer.trace.trace_id}
        with span("dedupe", A):
            assert structlog.contextvars.get_contextvars() == {"trace_id": A.trace_id}
        with span("enrich", None):
            assert current() is None, "what follows from no poll belongs to no trace"
        assert current() == outer.trace
    assert structlog.contextvars.get_contextvars() == {}
    assert current() is None


def test_a_step_that_fails_leaves_nothing_behind() -> None:
    def fail() -> None:
        with root("poll"), spans("rules", [(A, {}), (None, {})]) as (one, other):
            assert (one.trace, other.trace) == (A, None)
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        fail()
    assert current() is None


def test_every_poll_begins_a_trace_of_its_own() -> None:
    with root("poll") as one, root("poll") as other:
        assert one.trace is not None
        assert other.trace is not None
        assert one.trace.trace_id != other.trace.trace_id
        assert parse(one.trace.header) == one.trace


def _exports(endpoint: str) -> str:
    """What a process prints that is asked to export, and what of OpenTelemetry it has then imported."""
    code = (
        "import sys; sys.modules['opentelemetry.exporter'] = None\n"  # as where the extra is not installed
        "from events.tracing import export, root\n"
        "export('worker')\n"
        "with root('poll') as step: print(step.trace is not None)\n"
        "print(any(name.startswith('opentelemetry.') and sys.modules[name] for name in sys.modules))\n"
    )
    env = {"PATH": "", "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout


def test_without_an_endpoint_nothing_is_imported() -> None:
    assert _exports("").split() == ["True", "False"]


def test_an_endpoint_without_the_packages_is_said_in_one_line_and_nothing_fails() -> None:
    said = _exports("http://127.0.0.1:9")
    (line,) = [line for line in said.splitlines() if "traces.not_exported" in line]
    assert "pip install 'medpulse[otel]'" in line
    assert "True" in said.splitlines()
