"""Grafana's dashboards as code: ``python -m medpulse.dashboards`` writes ``deploy/grafana/dashboards/`` from one TOML file.

An expression that reads a metric or a label that no process of ours exposes is refused: no panel is empty by a slip of the pen.
Rule: Grafana's dashboard JSON, schema version 41.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from board.prometheus import TABLE as INSTALLATION
from events.telemetry import TABLE as PROCESS

FOLDER = Path(__file__).parents[1] / "deploy" / "grafana"
SOURCE = {"type": "prometheus", "uid": "medpulse-prometheus"}
WIDTH = 24
SCRAPED = frozenset({"job", "instance", "room"})
"""Labels that Prometheus itself adds to what it scrapes (deploy/prometheus/prometheus.yml)."""
_PYTHON = ("process_resident_memory_bytes", "process_cpu_seconds_total", "up")
_SELECTOR = re.compile(r"\b((?:medpulse|process)_\w+|up)\b(?:\{([^}]*)\})?")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_BY = re.compile(r"\bby \(([^)]*)\)")


class UnknownMetric(ValueError):
    """An expression reads what nobody exposes. The text names the panel and the name."""


class Strict(BaseModel):
    """A table of the file; a key that is not known is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Panel(Strict):
    """One panel. ``w`` and ``h`` are units of the grid."""

    kind: Literal["stat", "bars", "lines", "table"]
    title: str
    expr: str
    legend: str = ""
    description: str = ""
    unit: str = "short"
    w: int = 8
    h: int = 8


class Dashboard(Strict):
    """One dashboard. ``time`` is how far back it looks, as Grafana writes it."""

    id: str
    title: str
    description: str
    time: str
    panel: tuple[Panel, ...]


class File(Strict):
    """The whole file."""

    dashboard: tuple[Dashboard, ...]


def exposed() -> Mapping[str, frozenset[str]]:
    """Every name that Prometheus has of us, with its labels."""
    found: dict[str, frozenset[str]] = dict.fromkeys(_PYTHON, SCRAPED)
    for family in INSTALLATION.values():
        found[f"{family.name}_total" if family.counter else family.name] = SCRAPED | set(family.labels)
    for row in PROCESS.values():
        labels = SCRAPED | set(row.labels)
        match row.kind:
            case "counter":
                found[f"{row.name}_total"] = labels
            case "gauge":
                found[row.name] = labels
            case "histogram":
                found |= {f"{row.name}_bucket": labels | {"le"}, f"{row.name}_sum": labels, f"{row.name}_count": labels}
    return found


def check(where: str, expr: str, legend: str = "") -> None:
    """Raises `UnknownMetric` unless every metric and label of the expression, and of its legend, is exposed."""
    known = exposed()
    read = _SELECTOR.findall(expr)
    if not read:
        raise UnknownMetric(f"{where}: {expr!r} reads no metric of ours")
    labels: set[str] = set()
    for name, matchers in read:
        if name not in known:
            raise UnknownMetric(f"{where}: no process exposes {name}")
        labels |= known[name]
        for label in _LABEL.findall(matchers):
            if label not in known[name]:
                raise UnknownMetric(f"{where}: {name} has no label {label}")
    kept = [one.strip() for found in _BY.findall(expr) for one in found.split(",")]
    told = re.findall(r"\{\{(\w+)\}\}", legend)
    for label in (*kept, *told):
        if label not in labels or (kept and label in told and label not in kept):
            raise UnknownMetric(f"{where}: its series have no label {label}")


def rendered(dashboard: Dashboard) -> dict[str, Any]:
    """The dashboard as Grafana reads it. Raises `UnknownMetric`."""
    return {
        "uid": f"medpulse-{dashboard.id}",
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": ["medpulse"],
        "timezone": "Asia/Shanghai",
        "schemaVersion": 41,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "1m",
        "time": {"from": dashboard.time, "to": "now"},
        "templating": {"list": []},
        "annotations": {"list": []},
        "links": [{"type": "dashboards", "title": "medpulse", "tags": ["medpulse"], "asDropdown": True}],
        "panels": list(_panels(dashboard)),
    }


def _panels(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    x = y = lowest = 0
    for number, panel in enumerate(dashboard.panel, 1):
        check(f"{dashboard.id}, {panel.title}", panel.expr, panel.legend)
        if x + panel.w > WIDTH:
            x, y = 0, lowest
        yield _panel(panel, number, {"x": x, "y": y, "w": panel.w, "h": panel.h})
        x, lowest = x + panel.w, max(lowest, y + panel.h)


def _panel(panel: Panel, number: int, at: dict[str, int]) -> dict[str, Any]:
    now = panel.kind != "lines"
    target: dict[str, Any] = {"refId": "A", "datasource": SOURCE, "expr": panel.expr, "legendFormat": panel.legend}
    target |= {"instant": now, "range": not now} | ({"format": "table"} if panel.kind == "table" else {})
    latest = {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}}
    kinds: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "stat": ("stat", {}, latest | {"graphMode": "none", "colorMode": "none"}),
        "bars": ("bargauge", {}, latest | {"orientation": "horizontal", "displayMode": "basic"}),
        "lines": (
            "timeseries",
            {"lineInterpolation": "stepAfter"},
            {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}},
        ),
        "table": ("table", {}, {"showHeader": True}),
    }
    kind, custom, options = kinds[panel.kind]
    return {
        "id": number,
        "type": kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "gridPos": at,
        "targets": [target],
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0, "custom": custom}, "overrides": []},
        "options": options,
    }


def documents(folder: Path = FOLDER) -> dict[Path, str]:
    """Path → JSON text of every dashboard of the file in ``folder``. Raises `UnknownMetric`, pydantic's ValidationError."""
    file = File.model_validate(tomllib.loads((folder / "dashboards.toml").read_text(encoding="utf-8")))
    return {
        folder / "dashboards" / f"{one.id}.json": json.dumps(rendered(one), indent=2, ensure_ascii=False) + "\n"
        for one in file.dashboard
    }


def main() -> int:
    """Write them; returns the exit code."""
    try:
        written = documents()
    except ValueError as error:
        print(f"dashboards: {error}; correct {FOLDER / 'dashboards.toml'}", file=sys.stderr)
        return 1
    for stale in set((FOLDER / "dashboards").glob("*.json")) - set(written):
        stale.unlink()
    for path, text in written.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(FOLDER.parents[1])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
