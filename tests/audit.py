"""Two looks that CI takes before a release, as ``python -m tests.audit packages`` and ``… secrets``.

``packages``: pip-audit over both lock files. Exit code 1 for a known vulnerability. Where the service that knows them does not
answer, nothing was audited: that is said, and ``--strict`` makes it a failure.

``secrets``: detect-secrets over every file that git tracks. What only looks like a secret carries ``pragma: allowlist secret``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
PLUGINS = (
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "BasicAuthDetector",
    "DiscordBotTokenDetector",
    "GitHubTokenDetector",
    "JwtTokenDetector",
    "KeywordDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SendGridDetector",
    "SlackDetector",
    "StripeDetector",
    "TelegramBotTokenDetector",
    "TwilioKeyDetector",
)
"""Those that know what a secret looks like; the ones that measure entropy take every hash in a lock file for one."""
FILTERS = [
    {"path": "detect_secrets.filters.allowlist.is_line_allowlisted"},
    {"path": "detect_secrets.filters.heuristic.is_sequential_string"},
    {"path": "detect_secrets.filters.heuristic.is_templated_secret"},
    {"path": "detect_secrets.filters.heuristic.is_indirect_reference"},
    # A variable, a file or an object of Kubernetes that is named for what it holds: `password_env = "SMTP_PASSWORD"`.
    {"path": "detect_secrets.filters.regex.should_exclude_line", "pattern": [r"_(env|file)\b", r"\bsecretName: "]},
]
PAGES = "tests/scrapers/pages/"
"""Pages of public sites, as they came."""


def packages(*, strict: bool) -> int:
    """Audit the lock files; returns the exit code."""
    found = [_audited(lock) for lock in LOCKS]
    known = {one["name"]: one for dependencies in found for one in dependencies}
    audited = [one for one in known.values() if "skip_reason" not in one]
    harmful = [one for one in audited if one["vulns"]]
    for one in harmful:
        ids = ", ".join(vulnerability["id"] for vulnerability in one["vulns"])
        fixes = {fix for vulnerability in one["vulns"] for fix in vulnerability["fix_versions"]}
        remedy = f"upgrade to {', '.join(sorted(fixes))} (make lock)" if fixes else "no version mends it yet"
        print(f"{one['name']} {one['version']}: {ids}; {remedy}")
    print(f"packages: {len(known)} locked, {len(audited)} audited, {len(harmful)} with a known vulnerability")
    if not audited:
        print("packages: nothing was audited, no service that knows vulnerabilities answers here; try again elsewhere")
    return 1 if harmful or (strict and len(audited) < len(known)) else 0


def _audited(lock: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "-r", lock, "-f", "json"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        dependencies: list[dict[str, Any]] = json.loads(ended.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"packages: {lock} was not audited: {ended.stderr.strip().splitlines()[-1:]}")
        return []
    return dependencies


def secrets() -> int:
    """Scan every tracked file; returns the exit code."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [name for name in listed.stdout.split("\0") if name and not name.startswith(PAGES)]
    with ProcessPoolExecutor() as processes:
        found = [line for lines in processes.map(_looks_like_secrets, files, chunksize=40) for line in lines]
    for line in found:
        print(line)
    print(f"secrets: {len(files)} files, {len(found)} that look like one")
    if found:
        print("secrets: take it out and revoke it; what is none gets the comment `pragma: allowlist secret`")
    return 1 if found else 0


def _looks_like_secrets(name: str) -> list[str]:
    with transient_settings({"plugins_used": [{"name": name} for name in PLUGINS], "filters_used": FILTERS}):
        return [f"{name}:{s.line_number}: looks like a secret ({s.type})" for s in scan_file(str(ROOT / name))]


def main(arguments: list[str]) -> int:
    """Returns the exit code."""
    match arguments:
        case ["packages", *rest] if set(rest) <= {"--strict"}:
            return packages(strict="--strict" in rest)
        case ["secrets"]:
            return secrets()
        case _:
            print("usage: python -m tests.audit packages [--strict] | secrets", file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
