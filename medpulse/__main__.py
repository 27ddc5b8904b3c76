"""``python -m medpulse`` is ``medpulse``."""

from __future__ import annotations

from medpulse.cli import main

if __name__ == "__main__":
    main()
