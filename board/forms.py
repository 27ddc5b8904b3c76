"""Forms that people send: read within bounds, and only those that were on a page of this board."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from fastapi import HTTPException, Request

LONGEST_FORM = 16_384


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form, each once. Raises HTTPException 413 for one that is too long."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM:
            raise HTTPException(413, f"a form has {LONGEST_FORM} bytes at the most")
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=40)
    return {name: values[-1] for name, values in fields.items()}


def same_site(request: Request) -> None:
    """Raises HTTPException 403 unless the form was on a page of this board."""
    origin = request.headers.get("origin")
    away = origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
    if away or request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise HTTPException(403, "this form was not sent from the board")
