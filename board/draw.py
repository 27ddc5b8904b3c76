"""The drawing process: reads orders from standard input, one JSON document a line, and answers each with a line.

It is a process of its own because Altair and vl-convert hold Python's global lock while they work (a tenth of a second a
chart, one second for the first), which would stop the event loop. It ends at the end of its input, so it does not outlive
the board, `kill -9` included. Run as ``python -m board.draw``; an answer is ``{"svg": …}``, ``{"png": …}`` in base64, or
``{"error": …}``.
"""

from __future__ import annotations

import base64
import json
import sys

import vl_convert
from altair.utils import schemapi

from board.charts import draw
from board.orders import Order

VEGA_LITE = "6.4"
PNG_SCALE = 3


def answer(line: str) -> dict[str, str]:
    """The answer to one line."""
    try:
        order = Order.model_validate_json(line)
        spec = draw(order)
        if order.png:
            png = vl_convert.vegalite_to_png(spec, vl_version=VEGA_LITE, scale=PNG_SCALE, allowed_base_urls=[])
            return {"png": base64.b64encode(png).decode()}
        return {"svg": vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, allowed_base_urls=[])}
    except ValueError as error:
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    schemapi.disable_debug_mode()  # each part would be held against the schema: the tests do that
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(line)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
