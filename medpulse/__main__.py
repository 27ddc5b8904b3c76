"""``medpulse``, also as ``python -m medpulse``."""

from __future__ import annotations

from medpulse.cli import main

if __name__ == "__main__":
    main()
