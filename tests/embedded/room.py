"""A room for the tests of supervision: writes ``pid greeting`` to the file given, then waits; SIGTERM ends it with 0.

With ``die`` as a second argument it ends at once with code 3 instead; with ``deaf`` it ignores SIGTERM.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path


def main(file: str, mood: str = "") -> None:
    if mood == "die":
        sys.exit("this room cannot start: no such setting")
    signal.signal(signal.SIGTERM, signal.SIG_IGN if mood == "deaf" else lambda *_: sys.exit(0))
    draft = Path(file + ".new")
    draft.write_text(f"{os.getpid()} {os.environ.get('GREETING', '')}", encoding="utf-8")
    draft.replace(file)
    while True:
        signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
