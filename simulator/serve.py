"""The town on a real loopback port: ``python -m simulator.serve --port 8765 --at 2022-03-07``."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from typing import Annotated

import typer
import uvicorn

from events.clock import SHANGHAI, Clock, SystemClock, VirtualClock
from simulator.facts import facts
from simulator.town import Town

LOOPBACK = "127.0.0.1"


def _server(town: Town) -> uvicorn.Server:
    config = uvicorn.Config(
        town,
        log_config=None,
        log_level="critical",  # a reply that is cut off on purpose would be logged as an error
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


@contextmanager
def served(town: Town, port: int = 0) -> Iterator[str]:
    """Serve ``town`` from a thread of its own; gives its base URL. Port 0 takes a free one. Raises OSError if it is taken."""
    with socket.create_server((LOOPBACK, port)) as listener:
        server = _server(town)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="town", daemon=True)
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def main(
    port: Annotated[int, typer.Option(help="Loopback port; 0 takes a free one.")] = 8765,
    at: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Stand still at the end of this day.")
    ] = None,
) -> None:
    """Serve the pretend sites until Ctrl-C."""
    end = time(23, 59, 59)
    clock: Clock = VirtualClock(datetime.combine(at.date(), end, SHANGHAI)) if at else SystemClock()
    town = Town(facts(), clock)
    try:
        with served(town, port) as url:
            typer.echo(f"The town is at {url} and it is {clock.now().astimezone(UTC):%Y-%m-%d %H:%M} UTC there.")
            typer.echo(f"Try: curl -H 'Host: {town.hosts[0]}' {url}/zwfw/sdxx/sdxxylqx/qxpjfb/index.html")
            typer.echo("Hosts: " + " ".join(town.hosts))
            threading.Event().wait()
    except OSError as error:
        typer.echo(f"Port {port} cannot be used: {error.strerror}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo("")


if __name__ == "__main__":
    typer.run(main)
