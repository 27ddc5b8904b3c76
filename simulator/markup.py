"""The templates of the town's HTML pages."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("simulator"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(template: str, **values: object) -> bytes:
    """A page in UTF-8. Raises jinja2's UndefinedError for a value that the template wants and did not get."""
    return _environment().get_template(template).render(**values).encode()
