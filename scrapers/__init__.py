"""Sites to notices: fetch, archive, parse, schedule."""

import events as _events  # noqa: F401  # before any module here: it imports structlog without what that would take along
