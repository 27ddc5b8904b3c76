"""A small `medpulse up` for the tests: start the embedded servers in the folder given, say so, and wait to be ended."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from medpulse.embedded.servers import embedded_servers


async def main(home: Path) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    async with embedded_servers(home) as servers:
        sys.stdout.write(f"{servers.bootstrap} {servers.redis_url}\n")
        sys.stdout.flush()
        await stop.wait()
        up = servers.broker.exit_code is None and servers.store.exit_code is None
        sys.stdout.write("draining, servers up\n" if up else "draining, servers gone\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
