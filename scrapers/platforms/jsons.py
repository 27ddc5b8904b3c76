"""JSON and JSONP as the exchanges answer it. Nulls are common and a value may be a number or its digits."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import orjson

from scrapers.page import Challenged, Malformed, Page, ParseError
from scrapers.platforms.common import read
from scrapers.platforms.walls import wall
from scrapers.text import one_line

_CALL = re.compile(r"\(\s*(?=[\[{])")
_LONG = re.compile(r"[:,\[]\s*-?\d{19}")
_DIGITS, _NINETEEN = bytes.maketrans(b"123456789", b"0" * 9), b"0" * 19
"""Whether bytes hold so many digits in a row is seen at once when every digit is the same."""
_NUMBERS = (int, float)
_HEAD = 300  # characters before the value of a JSONP answer: comments, a guard, the name of the function
_MARKUP = re.compile(r"</?(?:em|b|i|font|span|strong|br)\b[^<>]*/?>", re.IGNORECASE)
_SAVED = re.compile(r"<pre\b[^>]*>(?P<inner>.*?)</pre>", re.DOTALL | re.IGNORECASE)


def load(page: Page) -> tuple[Any, int]:
    """The value of a JSON or JSONP answer (``cb(…)``, ``null(…)``), and the number of characters that were lost.

    A browser saves such an answer inside a ``<pre>``. Raises `Challenged` for a bot wall, `Malformed` for broken JSON.
    """
    decoded = read(page)
    text = decoded.text.strip()
    if text.startswith("<") and (saved := _SAVED.search(text)):
        text = html.unescape(saved["inner"]).strip()
    try:
        return _value(text), decoded.replaced
    except RecursionError as error:
        raise Malformed("the answer nests its JSON deeper than any answer does") from error
    except ValueError as error:
        if mark := wall(decoded.text):
            raise Challenged(f"no JSON but {mark}") from error
        raise Malformed(f"the answer is not JSON ({error}); it begins {decoded.text[:40]!r}") from error


def _value(text: str) -> Any:
    """The value of JSON, or of the first call in JSONP (``cb(…);``, ``/**/null(…)``, ``cb && cb(…)``). Raises ValueError."""
    call = None if text.startswith(("{", "[", "<")) else _CALL.search(text, 0, _HEAD)
    if call is None:
        return _whole(text)
    try:
        return _whole(text[call.end() : text.rindex(")")])
    except ValueError:  # more than one call, or one that is not closed
        value, end = json.JSONDecoder().raw_decode(text, call.end())
    if not text[end:].lstrip().startswith(")"):
        raise ValueError("the call of the JSONP answer is not closed")
    return value


def _whole(text: str) -> Any:
    """The value of a text that is JSON and nothing else. Raises ValueError."""
    # orjson takes a quarter of the time; it reads a number of more digits than a float has as another one.
    if _NINETEEN in text.encode().translate(_DIGITS) and _LONG.search(text):
        return json.loads(text)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:  # stricter than sites are: NaN, half of a surrogate pair
        return json.loads(text)


def mapping(value: object, what: str) -> dict[str, Any]:
    """``value`` as a JSON object. Raises `ParseError`."""
    if not isinstance(value, dict):
        raise ParseError(f"{what} is no JSON object")
    return value


def items(value: object, what: str) -> list[Any]:
    """``value`` as a JSON array; null is an empty one. Raises `ParseError`."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise ParseError(f"{what} is no JSON array")
    return value


def text_of(row: dict[str, Any], *keys: str) -> str:
    """The first of these values of a row that is not empty, as one line (a list joined by 、); otherwise the empty string."""
    for key in keys:
        if said := _line(row.get(key)):
            return said
    return ""


def _line(value: object) -> str:
    """A value as one line; empty for a yes or no, an object, and null."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, list):
        return one_line("、".join(filter(None, map(_line, value))))
    return one_line(value) if isinstance(value, _NUMBERS) and not isinstance(value, bool) else ""


def entities(text: str) -> str:
    """A text with its HTML entities as characters, also those that were written twice over (``&amp;#x3b;``)."""
    return html.unescape(html.unescape(text))


def plain_title(text: str) -> str:
    """A title as one line, without the marks and breaks of HTML that a search puts into it (``<em>``, ``<br/>``)."""
    if "&" in text or "<" in text:
        text = _MARKUP.sub(_space, entities(text))
    return one_line(text)


def words_of(row: dict[str, Any], *keys: str) -> str:
    """`text_of` for words that people read (a name, a title), which may hold entities and marks of HTML."""
    return plain_title(text_of(row, *keys))


def truth(value: object) -> bool:
    """A yes, given as ``true``, ``"true"``, ``1`` or ``"Y"``."""
    return str(value).strip().casefold() in {"true", "1", "y", "yes"}


def _space(mark: re.Match[str]) -> str:
    return " " if "br" in mark.group().casefold() else ""


def count(value: object) -> int:
    """A number of pages or rows, given as a number or its digits; 0 where there is none."""
    try:
        return int(str(value))
    except ValueError:
        return 0
