"""A file read in a process of its own, which has little time and memory and may die of it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from scrapers.files.child import REFUSED
from scrapers.files.extract import FileText, UnreadableFile


@dataclass(frozen=True, slots=True)
class FileLimits:
    """What reading one file may take: ``seconds`` of CPU and three times that of real time, ``megabytes`` of address space.

    ``output`` is bytes of text; more is taken for an attack.
    """

    seconds: int = 60
    megabytes: int = 1500
    output: int = 32 * 1024 * 1024


_ONE_AT_A_TIME = asyncio.Semaphore(1)


async def text_of(data: bytes, limits: FileLimits | None = None) -> FileText:
    """The text of a file. One file at a time is read in this process's name. Raises `UnreadableFile`, OSError (the disk)."""
    bounds = limits or FileLimits()
    async with _ONE_AT_A_TIME:
        with NamedTemporaryFile(prefix="medpulse-file-") as file:
            await asyncio.to_thread(_written, Path(file.name), data)
            return await _read(file.name, bounds)


def _written(path: Path, data: bytes) -> None:
    path.write_bytes(data)


async def _read(path: str, limits: FileLimits) -> FileText:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scrapers.files.child", path, str(limits.seconds), str(limits.megabytes)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("MEDPULSE_")},
    )
    try:
        async with asyncio.timeout(limits.seconds * 3):
            said = await _output(child, limits.output)
            code = await child.wait()
    except TimeoutError as error:
        raise UnreadableFile(f"it takes more than {limits.seconds * 3} s to read") from error
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        await child.wait()
    if code == 0:
        return FileText.model_validate_json(said)
    raise UnreadableFile(_why(code, said, limits))


async def _output(child: asyncio.subprocess.Process, most: int) -> bytes:
    assert child.stdout is not None
    said = bytearray()
    while some := await child.stdout.read(1 << 16):
        said += some
        if len(said) > most:
            raise UnreadableFile(f"it unpacks to more than {most >> 20} MB of text")
    return bytes(said)


def _why(code: int, said: bytes, limits: FileLimits) -> str:
    if code == REFUSED:
        return said.decode("utf-8", "replace").strip()
    if -code in {signal.SIGXCPU, signal.SIGKILL}:
        return f"it takes more than {limits.seconds} s of CPU to read"
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return f"reading it ended its process ({name}): it is broken, or takes more than {limits.megabytes} MB"
