"""``python -m scrapers.files.child FILE SECONDS MEGABYTES``: the text of one file on standard output, as JSON.

It gives itself its limits before it looks at the file: a hostile one ends this process and no other. Exit code 0 with the
`FileText`, 3 with the reason why there is none.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

REFUSED = 3


def main(path: str, seconds: str, megabytes: str) -> int:
    """Bound this process, then read the file."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 1))
    resource.setrlimit(resource.RLIMIT_AS, (int(megabytes) << 20, int(megabytes) << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    from scrapers.files.extract import UnreadableFile, extract  # noqa: PLC0415 (within the limits)

    try:
        said = extract(Path(path).read_bytes()).model_dump_json()
    except UnreadableFile as error:
        print(" ".join(str(error).split())[:500])
        return REFUSED
    except MemoryError:
        print(f"it takes more than {megabytes} MB to read")
        return REFUSED
    sys.stdout.write(said)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
