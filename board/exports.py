"""Lists of events as files: CSV, JSON and Parquet. What a cell says is never a formula."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Mapping
from enum import StrEnum
from typing import Annotated, Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from board.asked import AsOf, FromView, InRoom
from board.filters import CertificateFilter, EventFilter
from board.index.ask import Asked, ids
from board.index.follow import Index
from board.reading import Reading
from events.view import layout
from events.view.bodies import unpack

router = APIRouter(include_in_schema=False)
MOST_ROWS = 200_000
CHUNK = 500
COLUMNS = (
    *("event_id", "type", "title", "event_time", "event_time_precision", "published_at", "detected_at", "revision"),
    *("certificate_number", "product_name", "company", "company_id", "product_id", "device_class", "certificate_year"),
    *("origin", "route", "is_ai", "scenarios", "modality", "algorithms", "sector", "province", "item_name", "stage"),
    *("exchange", "number", "price_minor", "price_currency", "closes", "url", "source_id", "illustrative"),
)
_FORMULA = tuple("=+-@\t\r\n＝＋－＠|%")


class Kind(StrEnum):
    """The formats."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


@router.get("/certificates.{kind}")
async def certificates(
    view: FromView, here: InRoom, day: AsOf, kind: Kind, asked: Annotated[CertificateFilter, Query()]
) -> Response:
    """The certificates that the page shows under the same conditions, all of them."""
    return await _file(view, here.index, asked.asked(day), kind, f"certificates-{day}")


@router.get("/events.{kind}")
async def events(
    view: FromView, here: InRoom, day: AsOf, kind: Kind, asked: Annotated[EventFilter, Query()]
) -> Response:
    """The events that the page shows under the same conditions, all of them."""
    return await _file(view, here.index, asked.asked(day), kind, f"events-{day}")


def flat(event: Mapping[str, Any]) -> dict[str, Any]:
    """One event as a row of `COLUMNS`; None for what it does not state. Pure."""
    labels = event.get("labels", {})
    company = event.get("registrant") or event.get("applicant") or event.get("company") or {}
    price = event.get("price") or {}
    made = {name: event.get(name) for name in COLUMNS}
    return made | {
        "company": company.get("name"),
        "company_id": company.get("id"),
        "product_id": (event.get("product") or {}).get("id"),
        "is_ai": labels.get("is_ai"),
        "scenarios": "; ".join(labels.get("scenario", ())),
        "modality": labels.get("modality"),
        "algorithms": "; ".join(labels.get("algorithm", ())),
        "sector": labels.get("sector"),
        "price_minor": price.get("minor"),
        "price_currency": price.get("currency"),
        "closes": event.get("comments_close") or event.get("window_end"),
    }


def inert(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula: a text that begins like one has an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" \u00a0\ufeff").startswith(_FORMULA) else cell


async def _file(view: Reading, index: Index, asked: Asked, kind: Kind, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"', "Cache-Control": "private, no-cache"}
    rows = _rows(view, index, asked)
    if kind is Kind.CSV:
        return StreamingResponse(_csv(rows), media_type="text/csv; charset=utf-8", headers=headers)
    if kind is Kind.JSON:
        return StreamingResponse(_json(rows), media_type="application/json", headers=headers)
    table = [row async for chunk in rows for row in chunk]
    packed = await asyncio.to_thread(_parquet, table)
    return Response(packed, media_type="application/vnd.apache.parquet", headers=headers)


async def _rows(view: Reading, index: Index, asked: Asked) -> AsyncIterator[list[dict[str, Any]]]:
    key, wanted = layout.events(await view.view.name()), await ids(index, asked, MOST_ROWS)
    for start in range(0, len(wanted), CHUNK):
        bodies = await view.redis.hmget(key, wanted[start : start + CHUNK])
        yield [flat(orjson.loads(unpack(body))) for body in bodies if body is not None]


async def _csv(rows: AsyncIterator[list[dict[str, Any]]]) -> AsyncIterator[bytes]:
    # The mark at the beginning is how spreadsheets know that the file is UTF-8.
    yield "\ufeff".encode() + (",".join(COLUMNS) + "\r\n").encode()
    async for chunk in rows:
        text = io.StringIO()
        csv.writer(text).writerows([inert(row[name]) for name in COLUMNS] for row in chunk)
        yield text.getvalue().encode()


async def _json(rows: AsyncIterator[list[dict[str, Any]]]) -> AsyncIterator[bytes]:
    before = b"[\n"
    async for chunk in rows:
        for row in chunk:
            yield before + orjson.dumps(row)
            before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


_NUMBERS = {"revision", "device_class", "certificate_year", "price_minor"}
_FLAGS = {"is_ai", "illustrative"}


def _parquet(rows: list[dict[str, Any]]) -> bytes:
    kinds = {
        name: pa.int64() if name in _NUMBERS else pa.bool_() if name in _FLAGS else pa.string() for name in COLUMNS
    }
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema(list(kinds.items()))), sink, compression="zstd")
    return sink.getvalue()
