"""A certificate that bears another name: taken only from a host whose source says why, and only if it is vouched for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from events.clock import VirtualClock
from scrapers.answer import Unreachable
from scrapers.fetch import Fetcher
from scrapers.page import Request
from scrapers.source import catalog, tls_exceptions
from tests.scrapers.hostile import Hostile, page
from tests.scrapers.rig import FAST, small
from tests.scrapers.test_fetch import _certificate

_REASON = "its certificate bears the name of the province's portal"


def test_the_hosts_come_from_the_sources_that_say_why() -> None:
    excepted = small("https://ybj.example.gov.cn/list", tls_exception=_REASON)
    assert tls_exceptions([excepted, small("https://other.example/list")]) == {"ybj.example.gov.cn"}
    assert tls_exceptions() == {s.home.split("/")[2] for s in catalog().values() if s.tls_exception}
    with pytest.raises(ValueError, match="at least 10"):
        type(excepted).model_validate(excepted.model_dump() | {"tls_exception": ""})


@pytest.mark.asyncio
async def test_only_the_name_and_only_of_that_host(
    clock: VirtualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cert, context = await asyncio.to_thread(_certificate, tmp_path, "DNS:other.example")
    excepted = replace(FAST, tls_exceptions=frozenset({"127.0.0.1"}))
    elsewhere = replace(FAST, tls_exceptions=frozenset({"ybj.example.gov.cn"}))
    async with Hostile(context) as site:
        site.pages["/list"] = page(b"taken")
        async with Fetcher(excepted, clock) as fetcher:
            with pytest.raises(Unreachable, match="certificate verify failed"):
                await fetcher.get(Request(site.url()))
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        async with Fetcher(excepted, clock) as fetcher:
            assert (await fetcher.get(Request(site.url()))).content == b"taken"
        for settings in (FAST, elsewhere):
            async with Fetcher(settings, clock) as fetcher:
                with pytest.raises(Unreachable, match="mismatch"):
                    await fetcher.get(Request(site.url()))
