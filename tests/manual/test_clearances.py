"""Tables of overseas clearances as notices and events."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from events.event import OverseasClearance
from scrapers.manual.reading import read_table
from streams.enrich.events import events_of

NOW = datetime(2026, 11, 25, tzinfo=UTC)
HEADER = "date,register,number,product,company,panel,withdrawn\n"


def test_a_row_becomes_an_event() -> None:
    made = read_table(f"{HEADER}2020-03-25,CE mark,G1 099999 0001,InferRead CT Pneumonia,推想医疗,,\n".encode(), NOW)
    (notice,) = made.notices
    (event,) = events_of(notice)
    assert isinstance(event, OverseasClearance)
    assert (event.register_name, event.number, event.product_name) == ("CE", "G1 099999 0001", "InferRead CT Pneumonia")
    assert event.company.china
    assert event.event_time == datetime(2020, 3, 24, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "name"), [("ce", "CE"), ("MDR", "CE"), ("CE-MDR", "CE"), ("PMDA", "PMDA"), ("fda", "FDA")]
)
def test_the_registers(said: str, name: str) -> None:
    (notice,) = read_table(f"{HEADER}2020-03-25,{said},1,P,C,,\n".encode(), NOW).notices
    assert notice.fields["register"] == name


def test_another_register_and_a_clearance_said_twice() -> None:
    rows = "2020-03-25,TGA,1,P,C,,\n2020-03-25,CE,1,P,C,,\n2020-03-26,CE, 1,P,C,,\n"
    made = read_table((HEADER + rows).encode(), NOW)
    assert [(i.line, i.column, i.cause) for i in made.issues] == [
        (2, "register", "no register is called so"),
        (4, "", "line 3 says the same clearance"),
    ]
    assert len(made.notices) == 1


def test_a_row_that_is_withdrawn_takes_its_event_back() -> None:
    (notice,) = read_table(f"{HEADER}2020-03-25,PMDA,302,P,C,,yes\n".encode(), NOW).notices
    (event,) = events_of(notice)
    assert event.retracted
