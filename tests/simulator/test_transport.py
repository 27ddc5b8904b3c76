"""The two transports: the same pages by the real URLs, in process and from a real server on loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio

from simulator.faults import Fault
from simulator.serve import served
from simulator.town import Town
from simulator.transport import MappedTransport, TownTransport
from tests.simulator.visiting import CNINFO, DELIVERIES, FDA, HKEX, NOTICES, SSE, town_at

NMPA = "www.nmpa.gov.cn"
QUICK = httpx.Timeout(5.0, read=0.3)


@pytest.fixture
def town() -> Town:
    """The town in the middle of the story."""
    return town_at("2022-03-07T09:00:00")


@pytest.fixture
def base_url(town: Town) -> Iterator[str]:
    """Where a real server serves it."""
    with served(town) as url:
        yield url


@pytest_asyncio.fixture(params=["in process", "loopback"])
async def client(request: pytest.FixtureRequest, town: Town) -> AsyncIterator[httpx.AsyncClient]:
    """A client that reaches the town, in either way."""
    loopback = request.param == "loopback"
    transport = MappedTransport(request.getfixturevalue("base_url")) if loopback else TownTransport(town)
    async with httpx.AsyncClient(transport=transport, timeout=QUICK) as made:
        yield made


async def drain(answer: httpx.Response, got: list[bytes]) -> None:
    """Read a body into ``got``, piece after piece, so that what came before an error is kept."""
    async for piece in answer.aiter_raw():
        got.append(piece)  # noqa: PERF401


@pytest.mark.asyncio
async def test_the_real_urls_are_answered(client: httpx.AsyncClient, town: Town) -> None:
    for url in (DELIVERIES, NOTICES, FDA, HKEX):
        answer = await client.get(url)
        assert answer.status_code == 200
        assert str(answer.url) == url
        assert int(answer.headers["content-length"]) == len(answer.content)
    assert (await client.get(SSE, headers={"Referer": "https://www.sse.com.cn/"})).text.startswith("cb({")
    posted = await client.post(CNINFO, data={"column": "szse", "pageSize": "5", "seDate": "2021-01-01~2021-12-31"})
    assert len(posted.json()["announcements"]) == 5
    assert [visit.status for visit in town.visits] == [200] * 6


@pytest.mark.asyncio
async def test_conditional_requests(client: httpx.AsyncClient) -> None:
    first = await client.get(DELIVERIES)
    again = await client.get(DELIVERIES, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["medpulse-illustrative"] == "*"


@pytest.mark.asyncio
async def test_head_has_no_body(client: httpx.AsyncClient) -> None:
    answer = await client.head(DELIVERIES)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.asyncio
async def test_a_site_that_hangs_times_out(client: httpx.AsyncClient, town: Town) -> None:
    town.misbehave(NMPA, Fault.HANG, times=1)
    with pytest.raises(httpx.ReadTimeout):
        await client.get(DELIVERIES)
    assert (await client.get(DELIVERIES)).status_code == 200


@pytest.mark.asyncio
async def test_a_body_that_is_cut_off_is_a_protocol_error(client: httpx.AsyncClient, town: Town) -> None:
    town.misbehave(NMPA, Fault.TRUNCATED, times=1)
    got: list[bytes] = []
    async with client.stream("GET", DELIVERIES) as answer:
        assert answer.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            await drain(answer, got)
    whole = await client.get(DELIVERIES)
    assert 0 < len(b"".join(got)) < len(whole.content)
    assert whole.content.startswith(b"".join(got))


@pytest.mark.asyncio
async def test_a_slow_site_delivers_everything_in_drops(client: httpx.AsyncClient, town: Town) -> None:
    whole = (await client.get(DELIVERIES)).content
    town.misbehave(NMPA, Fault.SLOW, times=1)
    async with client.stream("GET", DELIVERIES) as answer:
        drops = [piece async for piece in answer.aiter_raw()]
    assert b"".join(drops) == whole
    assert len(drops) > 4


@pytest.mark.asyncio
async def test_other_faults_arrive(client: httpx.AsyncClient, town: Town) -> None:
    town.misbehave(NMPA, Fault.WALL_412, times=1)
    assert (await client.get(DELIVERIES)).status_code == 412
    town.misbehave(NMPA, Fault.THROTTLED, times=1)
    assert (await client.get(DELIVERIES)).headers["retry-after"] == "120"
    town.misbehave(NMPA, Fault.GB18030, times=1)
    assert "医疗器械" in (await client.get(DELIVERIES)).content.decode("gb18030")


@pytest.mark.asyncio
async def test_an_unknown_host_cannot_be_resolved(town: Town) -> None:
    async with httpx.AsyncClient(transport=TownTransport(town)) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("https://example.org/")


def test_a_port_that_is_taken_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "simulator.serve", "--port", port], capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} cannot be used")
    assert "Traceback" not in done.stderr


def test_the_command_serves_the_town_of_a_day() -> None:
    command = [sys.executable, "-u", "-m", "simulator.serve", "--port", "0", "--at", "2020-01-31"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            url = line.split()[4]
            answer = httpx.get(f"{url}/zwfw/sdxx/sdxxylqx/qxpjfb/", headers={"Host": NMPA})
            assert line.endswith("it is 2020-01-31 15:59 UTC there.\n")
            assert "2020年01月15日医疗器械批准证明文件送达信息" in answer.text
            assert "2020年02月" not in answer.text
        finally:
            server.terminate()
