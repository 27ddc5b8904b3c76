"""An aiohttp application on loopback, as long as a benchmark runs."""

from __future__ import annotations

from aiohttp import web


class Loopback:
    """Serves ``app`` from `start` to `stop`; ``url`` is where, without a slash at its end, the first of ``urls``."""

    def __init__(self, app: web.Application) -> None:
        self.urls: tuple[str, ...] = ("",)
        self._runner = web.AppRunner(app, access_log=None)

    @property
    def url(self) -> str:
        return self.urls[0]

    async def start(self, port: int = 0, *, others: int = 0) -> None:
        """Listen; port 0 is any free one. ``others`` are as many free ports besides. Raises OSError if the port is taken."""
        await self._runner.setup()
        for one in (port, *[0] * others):
            await web.TCPSite(self._runner, "127.0.0.1", one).start()
        self.urls = tuple(f"http://127.0.0.1:{address[1]}" for address in self._runner.addresses)

    async def stop(self) -> None:
        """End it; nothing where it was not started."""
        await self._runner.cleanup()
