"""The register of companies and products (``streams/registry/*.toml``) and how a name is resolved against it."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from events.base import EntityRef
from events.ids import digest, fact_id
from streams.enrich import files, names
from streams.enrich.files import BadRegister
from streams.enrich.likeness import Core, core, likeness
from streams.enrich.memo import remembered
from streams.enrich.normalise import simplified

_REMEMBERED, _LONGEST = 8192, 200
"""Names whose entity is remembered, and characters of one: the same few thousand companies come again and again."""


@dataclass(frozen=True, slots=True)
class Company:
    """One company. ``names`` resolve; ``aliases`` are also looked for inside running text."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    id: str
    name: str
    china: bool
    names: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    stock_codes: tuple[str, ...] = ()
    group: str | None = None
    ecosystem: bool = False
    tags: tuple[str, ...] = ()

    @property
    def ref(self) -> EntityRef:
        """The company as an event names it."""
        return EntityRef(id=self.id, name=self.name, china=self.china)


@dataclass(frozen=True, slots=True)
class Product:
    """One product. ``generic`` names (冠脉血流储备分数计算软件) mean it only where the company is known to be its maker."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    id: str
    name: str
    company: str
    names: tuple[str, ...]
    generic: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A registered company whose name is near: its id, the name that is near, and the likeness (0–100)."""

    id: str
    near: str
    likeness: float


class Register:
    """Companies by every name, products by name and maker."""

    def __init__(self, companies: list[Company], products: list[Product]) -> None:
        self.companies = {company.id: company for company in companies}
        if len(self.companies) != len(companies):
            raise BadRegister("companies.toml: an id is given twice")
        self.products = {product.id: product for product in products}
        self._by_key: dict[str, Company] = {}
        self._remembered = lru_cache(_REMEMBERED)(self._entity)
        self._by_stock = {code: company for company in companies for code in company.stock_codes}
        for company in companies:
            for name in (company.name, *company.names, *company.aliases):
                self._add(names.key(name), company)
        for product in products:
            if product.company not in self.companies:
                raise BadRegister(f"products.toml, {product.id}: no company is called {product.company!r}")

    def _add(self, key: str, company: Company) -> None:
        if self._by_key.setdefault(key, company) is not company:
            raise BadRegister(f"companies.toml: {key!r} is a name of {self._by_key[key].id} and of {company.id}")

    @cached_property
    def _cores(self) -> list[tuple[str, Core, Company]]:
        """Each name, what is its own in it, and whose it is: for `propose`."""
        return [(n, core(n), c) for c in self.companies.values() for n in (c.name, *c.names, *c.aliases)]

    def known(self, name: str) -> Company | None:
        """The company called ``name`` in the register. A place is overlooked only for a company that sits in China.

        A name that states two (Chinese and original, full and short) is known where those that are known agree.
        """
        if found := self._known(name):
            return found
        agreed = {company.id: company for part in names.parts(name) if (company := self._known(part))}
        return next(iter(agreed.values())) if len(agreed) == 1 else None

    def _known(self, name: str) -> Company | None:
        if found := self._by_key.get(names.key(name)):
            return found
        bare = names.bare_key(name)
        found = self._by_key.get(bare) if len(bare) > 2 else None
        return found if found and found.china and names.seat_in_china(name) is not False else None

    def by_stock(self, code: str) -> Company | None:
        """The company listed under ``code`` (digits, leading zeros kept)."""
        return self._by_stock.get(code)

    def tags(self, company_id: str) -> frozenset[str]:
        """The tags of a company and of the group that it belongs to; none for one that the register does not know."""
        company = self.companies.get(company_id)
        group = self.companies.get(company.group or "") if company else None
        return frozenset(tag for one in (company, group) if one for tag in one.tags)

    def propose(self, name: str, limit: int = 3) -> list[Proposal]:
        """Registered companies with a name near to ``name`` (`likeness`), best first. Empty where the register knows the name.

        Nothing is ever merged without a person.
        """
        if self.known(name):
            return []
        own = core(name)
        best: dict[str, Proposal] = {}
        for near, other, company in self._cores:
            score = likeness(own, other)
            if score > (best[company.id].likeness if company.id in best else 0.0):
                best[company.id] = Proposal(company.id, near, score)
        return sorted(best.values(), key=lambda one: -one.likeness)[:limit]

    def company(self, name: str) -> EntityRef:
        """The registered company, or a new entity with an id made of the name (same name, same id).

        Raises ValueError for a blank name.
        """
        if not (tidy := " ".join(name.split())):
            raise ValueError("a company needs a name")
        return self._entity(tidy) if len(tidy) > _LONGEST else self._remembered(tidy)

    def _entity(self, tidy: str) -> EntityRef:
        if found := self.known(tidy):
            return found.ref
        ident = names.key(tidy) or digest(tidy)[:16]
        return EntityRef(id=fact_id("company", ident), name=tidy, china=names.seat_in_china(tidy))

    def products_in(self, text: str, makers: Collection[str] = ()) -> list[Product]:
        """The products that ``text`` names: by brand anywhere, by a generic name where ``makers`` (ids) has its maker."""
        tidy = simplified(text).casefold()
        return [
            product
            for product in self.products.values()
            for words in [(*product.names, *(product.generic if product.company in makers else ()))]
            if any(_tidy(word) in tidy for word in words)
        ]

    def product_ref(self, product: Product) -> EntityRef:
        """The product as an event names it; ``china`` is its maker's."""
        return EntityRef(id=product.id, name=product.name, china=self.companies[product.company].china)


COMPANIES, PRODUCTS = TypeAdapter(list[Company]), TypeAdapter(list[Product])


def load(companies: Path, products: Path) -> Register:
    """The register in these files. Raises `BadRegister`, and OSError where a file is missing."""
    try:
        firms = tomllib.loads(companies.read_text(encoding="utf-8"))["company"]
        goods = tomllib.loads(products.read_text(encoding="utf-8")).get("product", [])
        return Register(COMPANIES.validate_python(firms), PRODUCTS.validate_python(goods))
    except (tomllib.TOMLDecodeError, KeyError, ValidationError) as error:
        raise BadRegister(f"{companies}, {products}: {error}: see `medpulse registry check FILE`") from error


@lru_cache(maxsize=4096)
def _tidy(word: str) -> str:
    """A product's name as texts are compared with it: the same few hundred for every text."""
    return simplified(word).casefold()


def register() -> Register:
    """The register that is in use (`streams.enrich.files`)."""
    return _loaded(files.path("companies"), files.path("products"))


@cache
def _loaded(companies: Path, products: Path) -> Register:
    return load(companies, products)


files.forgets(_loaded.cache_clear)


@remembered(8192)
def resolve_company(name: str) -> EntityRef:
    """`Register.company` of the register in use."""
    return register().company(name)


@remembered(8192)
def products_of(text: str, company_id: str) -> tuple[EntityRef, ...]:
    """The products of one company that ``text`` names, by brand or by a generic name."""
    found = register().products_in(text, {company_id})
    return tuple(register().product_ref(one) for one in found if one.company == company_id)


def propose(name: str) -> list[Proposal]:
    """`Register.propose` of the register in use."""
    return register().propose(name)
