"""Sites to notices: fetch, archive, parse, schedule."""

from events.sparing import without

with without("charset_normalizer"):  # to guess the encoding of bytes: `scrapers.text` has decoded them before
    import bs4 as _bs4  # noqa: F401
