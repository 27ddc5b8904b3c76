"""The shape of a schema, flat: what a consumer or an old message relies on. ``python -m tests.events.shape`` freezes additions.

A frozen shape may only be added to: no field goes, changes its type or limits, or becomes needed or optional; no value
of an enumeration goes. The command refuses to write when something was broken.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from events.schema import schemas
from events.wire import SCHEMA_VERSION

FROZEN = Path(__file__).parent / "frozen" / f"v{SCHEMA_VERSION}"
LIMITS = ("minimum", "maximum", "exclusiveMaximum", "exclusiveMinimum", "minLength", "maxLength", "pattern")
Shape = dict[str, dict[str, Any]]


def shape(schema: dict[str, Any]) -> Shape:
    """Path → ``type``, whether it is ``needed``, and the ``values`` of an enumeration or constant."""
    return dict(sorted(_walk(schema, schema.get("$defs", {}), "")))


def _walk(node: dict[str, Any], defs: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    node = _resolved(node, defs)
    for option in (*node.get("anyOf", ()), *node.get("oneOf", ())):
        inner = _resolved(option, defs)
        tag = inner.get("properties", {}).get("type", {}).get("const", "")
        yield from _walk(inner, defs, f"{path}<{tag}>" if "oneOf" in node else path)
    for name, rule in node.get("properties", {}).items():
        below = f"{path}.{name}".lstrip(".")
        yield below, {**_described(rule, defs), "needed": name in node.get("required", ())}
        yield from _walk(rule, defs, below)
    for suffix, key in (("[]", "items"), ("{}", "additionalProperties")):
        if key in node:
            yield path + suffix, {**_described(node[key], defs), "needed": False}
            yield from _walk(node[key], defs, path + suffix)


def _described(node: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    options = [_resolved(option, defs) for option in node.get("anyOf", (node,))]
    types = sorted({f"{o.get('type')} {o.get('format', '')}{o.get('contentEncoding', '')}".strip() for o in options})
    values = sorted({str(v) for o in options for v in (*o.get("enum", ()), *([o["const"]] if "const" in o else ()))})
    limits = {key: o[key] for o in options for key in LIMITS if key in o and "format" not in o}
    return {
        "type": " | ".join(types),
        **({"values": values} if values else {}),
        **({"limits": limits} if limits else {}),
    }


def _resolved(node: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    resolved: dict[str, Any] = defs[node["$ref"].rpartition("/")[2]] if "$ref" in node else node
    return resolved


def broken(frozen: Shape, now: Shape) -> list[str]:
    """What of the frozen shape no longer holds; empty where something was only added."""
    found = []
    for path, was in frozen.items():
        if (is_now := now.get(path)) is None:
            found.append(f"{path}: is gone")
            continue
        differ = [key for key in ("type", "needed", "limits") if was.get(key) != is_now.get(key)]
        found += [f"{path}: {key} was {was.get(key)}, is {is_now.get(key)}" for key in differ]
        gone = sorted(set(was.get("values", ())) - set(is_now.get("values", ())))
        found += [f"{path}: no longer takes {value}" for value in gone]
        if "values" in is_now and "values" not in was:
            found.append(f"{path}: takes only some values now")
    return found + [
        f"{path}: is new and needed" for path in now.keys() - frozen.keys() if _asks_more(path, frozen, now)
    ]


def _asks_more(path: str, frozen: Shape, now: Shape) -> bool:
    """A new needed field breaks old messages, unless all that it is part of is new too."""
    parent = path.rpartition(".")[0]
    new_part = bool(parent) and parent not in frozen and not any(old.startswith(f"{parent}.") for old in frozen)
    return bool(now[path]["needed"]) and not new_part


def main() -> None:
    """Write the shapes of today where nothing was broken. Raises SystemExit naming what was."""
    FROZEN.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        path, now = FROZEN / f"{name}.json", shape(schema)
        if path.exists() and (faults := broken(json.loads(path.read_text(encoding="utf-8")), now)):
            raise SystemExit(f"{name}: {'; '.join(faults)}")
        path.write_text(json.dumps(now, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
