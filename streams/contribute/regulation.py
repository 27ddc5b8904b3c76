"""Certificates, innovation reviews, guidance and overseas clearances."""

from __future__ import annotations

from events.event import DeviceApproval, Guidance, InnovationReview, OverseasClearance
from events.ids import normalised
from events.labels import Modality
from events.view.series import Contribution
from streams.contribute.series import LIST, count, distinct, fact, sector, series, works_in, year
from streams.enrich.register import register

EQUIPMENT = "imaging_equipment"
"""Tag of the register: makers of imaging equipment."""


def approval(event: DeviceApproval) -> list[Contribution]:
    """A certificate; one of Class III that asserts AI also under every label that it carries."""
    when = str(event.certificate_year) if event.certificate_year else year(event)
    device_class = str(event.device_class) if event.device_class else None
    found = count(event, "certificates", device_class=device_class, origin=event.origin, year=when)
    if event.device_class == 3 and event.labels.is_ai:
        found += _class3(event, when)
    return found


def _class3(event: DeviceApproval, when: str | None) -> list[Contribution]:
    labels = event.labels
    modality = labels.modality if labels.modality is not Modality.OTHER else None
    company = event.registrant.id if event.registrant else None
    found = count(event, "class3_certificates", company=company, year=when, modality=modality, sector=labels.sector)
    found += [series(event, "class3_certificates", "scenario", scenario) for scenario in labels.scenario]
    found += [series(event, "class3_certificates", "algorithm", algorithm) for algorithm in labels.algorithm]
    for scenario in labels.scenario:
        found += distinct(event, "class3_scenarios", scenario)
    if modality:
        found += distinct(event, "class3_modalities", modality)
    if company:
        found += distinct(event, "class3_companies", company, modality=modality, year=when)
        found += [series(event, "class3_companies", "scenario", one, member=company) for one in labels.scenario]
        found += works_in(event, company)
    return [*found, _product(event, company, modality, when)]


def _product(event: DeviceApproval, company: str | None, modality: str | None, when: str | None) -> Contribution:
    return fact(
        event,
        "class3_products",
        event.certificate_number,
        company,
        event.product.id if event.product else None,
        LIST.join(sorted(set(event.labels.scenario))),
        event.labels.sector,
        modality,
        LIST.join(sorted(set(event.labels.algorithm))),
        event.route,
        normalised(event.product_name),
        event.accepted_on.isoformat() if event.accepted_on else None,
        when,
    )


def innovation(event: InnovationReview) -> list[Contribution]:
    """A product in the special review, and its name, by which a later certificate finds it."""
    applicant = event.applicant.id if event.applicant else None
    entries = count(event, "innovation_entries", company=applicant, sector=sector(event), year=year(event))
    return [*entries, fact(event, "innovation_products", normalised(event.product_name), applicant)]


def guidance(event: Guidance) -> list[Contribution]:
    """A guiding principle, issued or drafted."""
    relevant = str(event.labels.ai_relevant).lower()
    return count(event, "guidance_documents", stage=event.stage, ai_relevant=relevant, year=year(event))


def clearance(event: OverseasClearance) -> list[Contribution]:
    """A clearance; once more where its holder makes no imaging equipment."""
    equipment = EQUIPMENT in register().tags(event.company.id)
    dims = {
        "register": event.register_name,
        "company": event.company.id,
        "panel": event.panel,
        "year": year(event),
        "china": None if event.company.china is None else str(event.company.china).lower(),
    }
    found = count(event, "overseas_clearances", **dims)
    return found if equipment else found + count(event, "overseas_clearances_no_equipment", **dims)
