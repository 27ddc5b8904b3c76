"""What a text says about itself: every label with the words that carry it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from events.labels import Evidence, Kind, Labels, Modality, Percentage, Sector
from streams.enrich import labelling
from streams.enrich.ai import judge
from streams.enrich.entities import entities
from streams.enrich.kind import kind
from streams.enrich.memo import remembered
from streams.enrich.normalise import Normal, normal
from streams.enrich.percent import MAY
from streams.enrich.percent_of import Percentage as Found
from streams.enrich.percent_of import percentages
from streams.enrich.taxonomy import taxonomy

MOST_PERCENTAGES = 40
"""Of one text: a table of hundreds would make its events larger than anybody reads."""


@remembered(8192)
def explain(text: str) -> Labels:
    """The labels of ``text``: its title, one line feed, its body. Evidence spans are positions in ``text`` as given.

    Pure, and takes any text; an empty one says nothing.
    """
    ready = normal(text)
    hits = taxonomy().find(ready)
    named = entities(ready)
    firms = [(n.start, n.end) for n in named if n.rule in {"entity.legal-name", "entity.whole"}]
    verdict = judge(ready, hits.get("method", []), firms)
    thing = labelling.thing_of(ready, hits)
    scenarios = labelling.scenarios(ready, hits, thing)
    modality = labelling.modality(ready, hits, scenarios, thing)
    sector = labelling.sector(ready, hits, modality, scenarios, thing)
    relevant = labelling.relevant(hits)
    sort, rule, start, end = kind(ready, labelling.title_end(ready), named)
    evidence = [*verdict.evidence]
    for label, found in (("sector", sector), ("modality", modality), *(("scenario", s) for s in scenarios)):
        evidence += _shown(ready, f"{label}={found.value}", found)
    if relevant:
        evidence += _shown(ready, "ai_relevant", relevant)
    if rule:
        evidence.append(_evidence(ready, f"kind={sort}", rule, start, end))
    evidence += [_evidence(ready, f"entity={n.ref.id}", n.rule, n.start, n.end) for n in named]
    shares = _percentages(ready, text)
    evidence += [
        Evidence(label=_said(one), rule=f"percent.{one.relation}", start=one.start, end=one.end) for one in shares
    ]
    return Labels(
        is_ai=verdict.is_ai,
        denied=verdict.denied,
        ai_relevant=relevant is not None or verdict.is_ai,
        sector=Sector(sector.value),
        modality=Modality(modality.value),
        scenario=tuple(s.value for s in scenarios),
        algorithm=verdict.algorithm,
        entities=tuple(n.ref for n in named),
        kind=Kind(sort),
        evidence=tuple(evidence),
        percentages=shares,
    )


def _percentages(ready: Normal, text: str) -> tuple[Percentage, ...]:
    """The percentages of a text in its own words; few texts have one."""
    if not MAY.search(ready.text):
        return ()
    return tuple(_percentage(ready, text, one) for one in percentages(ready.text, MOST_PERCENTAGES))


def _percentage(ready: Normal, text: str, one: Found) -> Percentage:
    start, end = ready.span(one.start, one.end)
    base = text[slice(*ready.span(*one.base_at))] if one.base_at else None
    return Percentage(
        low=_plain(one.low),
        high=_plain(one.high),
        points=one.points,
        relation=one.relation,
        direction=one.direction,
        comparison=one.comparison,
        base=base,
        start=start,
        end=end,
    )


def _plain(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


def _said(one: Percentage) -> str:
    """``percentage=change 12.5 up year_on_year``."""
    ends = one.low if one.low == one.high else f"{one.low or ''}..{one.high or ''}"
    return " ".join(filter(None, (f"percentage={one.relation}", ends, one.direction, one.comparison)))


def _shown(ready: Normal, label: str, found: labelling.Found) -> list[Evidence]:
    return [_evidence(ready, label, hit.rule, hit.start, hit.end) for hit in found.hits]


def _evidence(ready: Normal, label: str, rule: str, start: int, end: int) -> Evidence:
    first, last = ready.span(start, end)
    return Evidence(label=label, rule=rule, start=first, end=last)


def as_json(labels: Labels) -> dict[str, Any]:
    """The labels in the shape of ``medpulse explain --json``; ``china`` is False where there is no sign of it.

    ``percentages`` are there for a text that states one.
    """
    told = labels.model_dump(mode="json")
    told["entities"] = [{"id": e.id, "name": e.name, "china": bool(e.china)} for e in labels.entities]
    order = (
        "is_ai",
        "denied",
        "ai_relevant",
        "sector",
        "modality",
        "scenario",
        "algorithm",
        "entities",
        "kind",
        "evidence",
    )
    shown = {field: told[field] for field in order}
    return shown | {"percentages": told["percentages"]} if labels.percentages else shown
