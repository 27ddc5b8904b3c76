"""changedetection.io as a process with a data folder, driven by its REST API.

As a user would set it up for such lists: a CSS filter on the list, plain requests, no favicons, no scheduler of its own (we say
when). Its list of watches says of each when it was checked and when it was last seen to have changed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import orjson

from events.clock import SystemClock, monotonic

FILTER = ".main"
START_SECONDS = 90.0
ROUND_SECONDS = 900.0
TOKEN = "0123456789abcdef0123456789abcdef"
_CALM = {"ui": {"favicons_enabled": False, "socket_io_enabled": False}}
SETTINGS = {
    "settings": {
        "application": {"api_access_token": TOKEN, **_CALM},
        "requests": {"time_between_check": {"weeks": 52}, "workers": 4},
    }
}
ENVIRONMENT = {
    "ALLOW_IANA_RESTRICTED_ADDRESSES": "true",
    "DISABLE_VERSION_CHECK": "yes",
    "FETCH_WORKERS": "4",
}


class Silent(RuntimeError):
    """changedetection.io did not do what it was asked to within its time."""


class Changedetection:
    """A running one, by its address. `settle` its watches first, then ask for rounds."""

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"{url}/api/v1", headers={"x-api-key": TOKEN}, timeout=60.0, trust_env=False
        )
        self._clock = SystemClock()
        self._changed: dict[str, int] = {}

    async def stop(self) -> None:
        await self._http.aclose()

    async def settle(self, pages: list[str]) -> None:
        """Wait until it answers, take out the watches that it brings along, and add the pages. Raises `Silent`."""
        began = monotonic()
        while not await self._answers():
            if monotonic() - began > START_SECONDS:
                raise Silent(f"changedetection.io did not answer within {START_SECONDS:.0f} s")
            await self._clock.sleep(0.5)
        for ident in await self._watches():
            (await self._http.delete(f"/watch/{ident}")).raise_for_status()
        for page in pages:
            watch = {"url": page, "include_filters": [FILTER], "fetch_backend": "html_requests"}
            answer = await self._http.post("/watch", json=watch)
            if answer.status_code != 201:
                raise Silent(f"changedetection.io did not take {page}: {answer.status_code} {answer.text[:500]}")

    async def round(self) -> list[str]:
        """Check every page once more; the addresses of those that it found changed. Raises `Silent`."""
        before = {ident: int(one["last_checked"] or 0) for ident, one in (await self._watches()).items()}
        # Times are whole seconds: two checks in one could not be told apart.
        await self._clock.sleep(1.1)
        (await self._http.get("/watch", params={"recheck_all": "1"})).raise_for_status()
        began = monotonic()
        while True:
            now = await self._watches()
            if all(int(one["last_checked"] or 0) > before[ident] for ident, one in now.items()):
                break
            if monotonic() - began > ROUND_SECONDS:
                raise Silent(f"changedetection.io did not check every page within {ROUND_SECONDS:.0f} s")
            await self._clock.sleep(0.5)
        changed = {ident: int(one["last_changed"] or 0) for ident, one in now.items()}
        told = [now[ident]["url"] for ident, at in changed.items() if at > self._changed.get(ident, 0)]
        self._changed = changed
        return told

    async def _answers(self) -> bool:
        try:
            return (await self._http.get("/systeminfo")).status_code == 200
        except httpx.HTTPError:
            return False

    async def _watches(self) -> dict[str, dict[str, Any]]:
        answer = await self._http.get("/watch")
        answer.raise_for_status()
        found: dict[str, dict[str, Any]] = answer.json()
        return found


def prepared(folder: Path) -> None:
    """Write its settings into a new data folder."""
    folder.mkdir(parents=True)
    (folder / "changedetection.json").write_bytes(orjson.dumps(SETTINGS))
