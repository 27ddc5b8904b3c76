"""An aiohttp application on loopback, as long as a benchmark runs."""

from __future__ import annotations

from aiohttp import web


class Loopback:
    """Serves ``app`` from `start` to `stop`; ``url`` is where, without a slash at its end."""

    def __init__(self, app: web.Application) -> None:
        self.url = ""
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self, port: int = 0) -> None:
        """Listen; port 0 is any free one. Raises OSError if the port is taken."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """End it; nothing where it was not started."""
        await self._runner.cleanup()
