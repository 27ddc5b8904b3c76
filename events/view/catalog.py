"""The table of metrics: name, unit, measure, dimensions and meaning. What is not in it is neither computed nor shown."""

from __future__ import annotations

from dataclasses import dataclass

from events.view.series import Measure


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """One metric. Besides its total it has one series for each value of each of its ``dims``.

    ``states`` names what a `Measure.LATEST` metric can be grouped by, besides its dimensions.
    """

    name: str
    measure: Measure
    unit: str
    dims: tuple[str, ...]
    en: str
    zh: str
    states: str | None = None


METRICS: dict[str, MetricSpec] = {
    spec.name: spec
    for spec in (
        MetricSpec(
            "certificates",
            Measure.COUNT,
            "certificates",
            ("device_class", "origin", "year"),
            "Device registration certificates seen, AI or not",
            "已见医疗器械注册证（含非人工智能）",
        ),
        MetricSpec(
            "class3_certificates",
            Measure.COUNT,
            "certificates",
            ("scenario", "modality", "company", "year", "algorithm", "sector"),
            "Class III certificates of AI products",
            "人工智能三类医疗器械注册证",
        ),
        MetricSpec(
            "class3_companies",
            Measure.DISTINCT,
            "companies",
            ("scenario", "modality", "year"),
            "Companies that hold a Class III AI certificate",
            "持有人工智能三类证的企业",
        ),
        MetricSpec(
            "class3_scenarios",
            Measure.DISTINCT,
            "scenarios",
            (),
            "Clinical scenarios with a Class III AI certificate",
            "已有人工智能三类证的应用场景",
        ),
        MetricSpec(
            "class3_modalities",
            Measure.DISTINCT,
            "modalities",
            (),
            "Kinds of device that Class III AI products read",
            "人工智能三类证覆盖的设备类型",
        ),
        MetricSpec(
            "pricing_provinces",
            Measure.DISTINCT,
            "provinces",
            ("product",),
            "Provinces that have priced a product",
            "已完成物价的省份",
        ),
        MetricSpec(
            "reimbursement_items",
            Measure.SUM,
            "items",
            ("province",),
            "Items newly put on a reimbursement list",
            "新增医保支付项目",
        ),
        MetricSpec(
            "ipo_projects",
            Measure.LATEST,
            "projects",
            ("exchange",),
            "Listing applications by the stage that they are in",
            "IPO 项目（按所处阶段）",
            states="stage",
        ),
        MetricSpec(
            "overseas_clearances",
            Measure.COUNT,
            "clearances",
            ("register", "company", "panel", "year", "china"),
            "Clearances of AI-enabled devices by registers outside China",
            "海外监管机构批准的人工智能器械",
        ),
        MetricSpec(
            "guidance_documents",
            Measure.COUNT,
            "documents",
            ("stage", "ai_relevant", "year"),
            "Guiding principles issued or drafted",
            "指导原则（发布与征求意见）",
        ),
        MetricSpec(
            "filings", Measure.COUNT, "filings", ("company",), "Documents filed by listed companies", "上市公司公告"
        ),
        MetricSpec("events", Measure.COUNT, "events", ("type", "source"), "Events of every type", "全部事件"),
    )
}


class UnknownMetric(LookupError):
    """No metric, dimension or window has this name. The text lists those there are."""


def metric(name: str) -> MetricSpec:
    """The metric called ``name``. Raises `UnknownMetric`."""
    try:
        return METRICS[name]
    except KeyError:
        raise UnknownMetric(f"no metric is called {name!r}; there are {', '.join(METRICS)}") from None


def check_dim(spec: MetricSpec, dim: str) -> None:
    """Raises `UnknownMetric` unless the metric can be grouped by ``dim``."""
    if dim not in spec.dims and dim != spec.states:
        groups = [*spec.dims, *filter(None, [spec.states])]
        raise UnknownMetric(f"{spec.name} has no dimension {dim!r}; it has {', '.join(groups) or 'none'}")
