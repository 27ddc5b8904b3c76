"""The console: one line an alert, whatever is in it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from alerts.channels.console import ConsoleChannel
from tests.alerts.build import alert, hostile, message


async def _printed(*, terminal: bool = False, count: int = 1, attack: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=60, color_system=None)
    alerts = [hostile() if attack else alert(n, illustrative=True) for n in range(count)]
    assert await ConsoleChannel(console).send(message(*alerts)) == "printed"
    return out.getvalue()


@pytest.mark.asyncio
async def test_a_file_gets_the_whole_line() -> None:
    line = "2022-03-07 09:00 NOTICE   New Class III AI certificate: 肺结节CT影像辅助检测软件 (illustrative)\n"
    assert await _printed() == line


@pytest.mark.asyncio
@pytest.mark.parametrize("terminal", [True, False])
async def test_forty_nine_alerts_are_forty_nine_lines(terminal: bool) -> None:
    assert (await _printed(terminal=terminal, count=49)).count("\n") == 49


@pytest.mark.asyncio
@pytest.mark.parametrize("terminal", [True, False])
async def test_hostile_text_moves_no_cursor(terminal: bool) -> None:
    said = await _printed(terminal=terminal, attack=True)
    assert said.count("\n") == 1
    assert not set("\x1b\r\u202e") & set(said)
