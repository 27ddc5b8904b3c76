"""Requests and replies of the town, without sockets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from urllib.parse import parse_qsl

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"
XML = "application/xml; charset=utf-8"
CACHE_BUSTERS = frozenset({"_", "random"})
ILLUSTRATIVE = "Medpulse-Illustrative"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, as far as an answer may depend on it. Cache-busting parameters of the query are left out.

    ``data`` is a body of JSON as it came; a body that is a form is in ``form``.
    """

    method: str
    host: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] = ()
    referer: str = ""
    data: str = ""

    def param(self, name: str, default: str = "") -> str:
        """A parameter of the query; the last one stands."""
        return dict(self.query).get(name, default)

    def field(self, name: str, default: str = "") -> str:
        """A field of the form; the last one stands."""
        return dict(self.form).get(name, default)


def ask(method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Ask:
    """The request of ``target`` (path and query) with ``headers`` in lower case and a URL-encoded form, if any."""
    path, _, query = target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    text = body.decode("utf-8", "replace")
    is_json = "json" in headers.get("content-type", "")
    form = parse_qsl(text, keep_blank_values=True) if body and not is_json else []
    return Ask(
        method=method,
        host=headers.get("host", "").partition(":")[0].lower(),
        path=path,
        query=tuple(pair for pair in pairs if pair[0] not in CACHE_BUSTERS),
        form=tuple(form),
        referer=headers.get("referer", ""),
        data=text if is_json else "",
    )


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. ``modified`` is aware; ``illustrative`` is the value of the header `ILLUSTRATIVE`, None for none."""

    body: bytes
    content_type: str = HTML
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    modified: datetime | None = None
    illustrative: str | None = None

    @property
    def etag(self) -> str:
        """A strong validator of the body."""
        return f'"{blake2b(self.body, digest_size=12).hexdigest()}"'


def marked(items: Iterable[tuple[str, bool]]) -> str | None:
    """The value of the header `ILLUSTRATIVE` for items given as (key, illustrative).

    ``*`` where all are, the keys with commas between them where some are, None where none is or there are no items.
    """
    seen = list(items)
    keys = [key for key, illustrative in seen if illustrative]
    if not keys:
        return None
    return "*" if len(keys) == len(seen) else ",".join(keys)
