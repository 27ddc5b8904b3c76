from __future__ import annotations

import pytest

from streams.enrich.certificates import certificate


@pytest.mark.parametrize(
    ("number", "parts"),
    [
        ("国械注准20203210844", ("国", "domestic", 2020, 3, "21", "0844")),
        ("国械注进20223060123", ("国", "imported", 2022, 3, "06", "0123")),
        ("國械注許20213210001", ("国", "hk_mo_tw", 2021, 3, "21", "0001")),
        ("京械注准２０２１２２１０５７７", ("京", "domestic", 2021, 2, "21", "0577")),
        ("国食药监械（准）字2014第3210001号", ("国", "domestic", 2014, 3, "21", "0001")),
        ("国食药监械(进)字2010第3310002号", ("国", "imported", 2010, 3, "31", "0002")),
        ("粤深械备20170012号", ("粤深", "domestic", 2017, 1, None, "0012")),
    ],
)
def test_anatomy(number: str, parts: tuple[object, ...]) -> None:
    found = certificate(number)
    assert found is not None
    assert (found.issuer, found.origin, found.year, found.device_class, found.catalogue, found.serial) == parts


@pytest.mark.parametrize("number", ["", "CQZ2101801", "国械注准2020", "K213760", "国械注准20204210844"])
def test_what_is_no_certificate(number: str) -> None:
    assert certificate(number) is None
