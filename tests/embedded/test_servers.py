"""The embedded servers, with the real binaries."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis.asyncio import Redis

from events.clock import VirtualClock
from events.kafka import create_topics, publisher
from medpulse.embedded.process import PortTaken, ServerFailed, free_port
from medpulse.embedded.running import AlreadyRunning, Running, answers, find_running, run_file, write_run_file
from medpulse.embedded.servers import embedded_redis, embedded_servers, tansu
from tests.embedded.polling import LINUX, alive, descendants, until

ROOT = Path(__file__).parents[2]
NOW = datetime(2022, 3, 7, 1, 0, tzinfo=UTC)


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process with the embedded servers in ``tmp_path``, ready; in a session of its own, as from a terminal."""
    command = [sys.executable, "-m", "tests.embedded.parent", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("127.0.0.1:")
        yield process
        process.kill()


@pytest.mark.asyncio
async def test_both_answer_and_are_gone_afterwards(tmp_path: Path) -> None:
    async with embedded_servers(tmp_path) as servers:
        await create_topics(servers.bootstrap)
        async with publisher(servers.bootstrap, idempotent=False):
            pass
        client: Redis = Redis.from_url(servers.redis_url)
        assert (await client.config_get("appendonly", "appendfsync")) == {
            "appendonly": "yes",
            "appendfsync": "everysec",
        }
        await client.aclose()
    assert servers.broker.exit_code is not None
    assert servers.store.exit_code == 0
    assert not answers(servers.bootstrap)
    assert {file.name for file in (tmp_path / "logs").iterdir()} == {"tansu.log", "valkey.log"}


@pytest.mark.asyncio
async def test_the_ports_asked_for_are_used(tmp_path: Path) -> None:
    kafka, redis = free_port(), free_port()
    async with embedded_servers(tmp_path, kafka_port=kafka, redis_port=redis) as servers:
        assert servers.bootstrap == f"127.0.0.1:{kafka}"
        assert servers.redis_url == f"redis://127.0.0.1:{redis}/0"


@pytest.mark.asyncio
@pytest.mark.parametrize("which", ["kafka_port", "redis_port"])
async def test_a_taken_port_is_one_clear_line_and_leaves_nothing_behind(tmp_path: Path, which: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"^port {port} for (Tansu|Valkey) is taken: [^\n]*$"):
            async with embedded_servers(tmp_path, **{which: port}):
                pass
    async with embedded_servers(tmp_path):  # the folder is free again
        pass


@pytest.mark.asyncio
async def test_data_survives_a_restart(tmp_path: Path) -> None:
    for expected in (1, 2, 3):
        async with embedded_servers(tmp_path) as servers:
            client: Redis = Redis.from_url(servers.redis_url)
            assert await client.incr("starts") == expected
            await client.aclose()
    async with embedded_redis(tmp_path) as url:
        client = Redis.from_url(url)
        assert await client.get("starts") == b"3"
        await client.aclose()


@pytest.mark.asyncio
async def test_the_run_file_leads_others_to_the_instance(tmp_path: Path) -> None:
    assert find_running(tmp_path) is None
    async with embedded_servers(tmp_path, clock=VirtualClock(NOW)) as servers:
        servers.announce("http://127.0.0.1:8000")
        found = find_running(tmp_path)
        assert found == Running(
            pid=os.getpid(),
            bootstrap=servers.bootstrap,
            redis_url=servers.redis_url,
            board_url="http://127.0.0.1:8000",
            started=NOW,
        )
        async with embedded_redis(tmp_path) as url:
            assert url == servers.redis_url
    assert not run_file(tmp_path).exists()


@pytest.mark.asyncio
async def test_a_second_start_is_refused_with_the_first_ones_pid_and_board(tmp_path: Path) -> None:
    async with embedded_servers(tmp_path) as servers:
        servers.announce("http://127.0.0.1:8000")
        line = f"already running on {tmp_path}, pid {os.getpid()}, board at http://127.0.0.1:8000"
        with pytest.raises(AlreadyRunning) as refused:
            async with embedded_servers(tmp_path):
                pass
        assert str(refused.value) == line
        assert find_running(tmp_path)


@pytest.mark.asyncio
async def test_a_run_file_of_a_dead_instance_counts_for_nothing(tmp_path: Path) -> None:
    async with tansu(tmp_path / "log") as (_, bootstrap):
        url = f"redis://{bootstrap}/0"
        mine = Running(pid=os.getpid(), bootstrap=bootstrap, redis_url=url, started=NOW)
        write_run_file(tmp_path, mine)
        assert find_running(tmp_path) == mine
        ended = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
        await ended.wait()
        write_run_file(tmp_path, mine.model_copy(update={"pid": ended.pid}))
        assert find_running(tmp_path) is None
        write_run_file(tmp_path, mine.model_copy(update={"bootstrap": f"127.0.0.1:{free_port()}"}))
        assert find_running(tmp_path) is None
    write_run_file(tmp_path, mine)
    assert find_running(tmp_path) is None
    run_file(tmp_path).write_text("{", encoding="utf-8")
    assert find_running(tmp_path) is None


@pytest.mark.asyncio
async def test_a_server_that_cannot_start_names_its_log_and_the_cause(tmp_path: Path) -> None:
    async with embedded_servers(tmp_path):
        pass
    manifest = tmp_path / "valkey" / "appendonlydir" / "appendonly.aof.manifest"
    manifest.write_text("nonsense\n", encoding="utf-8")
    with pytest.raises(ServerFailed) as failed:
        async with embedded_servers(tmp_path):
            pass
    text = str(failed.value)
    assert text.startswith(f"Valkey did not start (code 1); its log is {tmp_path / 'logs' / 'valkey.log'}:\n")
    assert "nonsense" in text


@pytest.mark.asyncio
@pytest.mark.parametrize("which", ["broker", "store"])
async def test_guard_tells_when_a_server_ends_by_itself(tmp_path: Path, which: str) -> None:
    async with embedded_servers(tmp_path) as servers:
        guard = asyncio.ensure_future(servers.guard())
        os.kill(getattr(servers, which).pid, signal.SIGKILL)
        with pytest.raises(ServerFailed, match=r"^(Tansu|Valkey) ended by itself with code 137; its log is "):
            await guard


@pytest.mark.skipif(not LINUX, reason="counts processes in /proc")
def test_kill_9_of_the_parent_leaves_no_process_and_a_free_folder(
    parent: subprocess.Popen[str], tmp_path: Path
) -> None:
    below = descendants(parent.pid)
    assert len(below) == 2  # two servers, and no leash beside them
    parent.kill()
    parent.wait()

    async def start_again() -> None:  # at once: the lock is waited for
        async with embedded_servers(tmp_path):
            assert not any(alive(pid) for pid in below)

    asyncio.run(start_again())
    until(lambda: not any(alive(pid) for pid in below), "the servers are gone")


@pytest.mark.skipif(not LINUX, reason="counts processes in /proc")
def test_ctrl_c_lets_the_parent_drain_before_the_servers_end(parent: subprocess.Popen[str]) -> None:
    below = descendants(parent.pid)
    os.killpg(parent.pid, signal.SIGINT)  # what the terminal does
    output, _ = parent.communicate(timeout=20)
    assert output == "draining, servers up\n"
    assert parent.returncode == 0
    assert not any(alive(pid) for pid in below)
