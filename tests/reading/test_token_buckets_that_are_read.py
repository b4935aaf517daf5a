"""A token bucket of a proxy is carried where its rate is a number that ends; else the whole patch is listed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.dsl.quantities import RATE, TIME, Amount
from seatrial.dsl.quantities import read as amount_of
from seatrial.targets.reading import spelling

from .mutated import Made, imported


def made(tokens: object, interval: object, most: object = 20) -> Made:
    bucket = {"tokens_per_fill": tokens, "fill_interval": interval, "max_tokens": most}
    value = {"name": "seatrial.admit.web--api", "typed_config": {"token_bucket": bucket}}
    spec = {"workloadSelector": {"labels": {"app": "web"}}, "configPatches": [{"patch": {"value": value}}]}
    meta = {"name": "web--api", "labels": {"app.kubernetes.io/managed-by": "seatrial"}}
    filters = {"apiVersion": "networking.istio.io/v1alpha3", "kind": "EnvoyFilter", "metadata": meta}
    return imported([*(deployment(name) for name in ("web", "api")), {**filters, "spec": spec}], "shop", "")


def deployment(name: str) -> dict[str, Any]:
    pod = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": name, "image": "x:1"}]}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {"template": pod}}


def test_a_rate_is_carried() -> None:
    assert "admit at most 8/s, burst 20" in made(4, "0.5s").text
    assert "admit at most 450/h, burst 20" in made(1, "8s").text


@pytest.mark.parametrize(
    ("tokens", "interval", "most"),
    [(0, "1s", 20), (1, "7s", 20), (1, "100ns", 20), (1, "0s", 20), (1, "1s", 0), (-1, "1s", 20), (True, "1s", 20)],
)
def test_what_is_no_rate_is_listed(tokens: object, interval: object, most: object) -> None:
    found = made(tokens, interval, most)
    assert found.errors() == [] and "admit at most" not in found.text
    assert any(path.startswith("spec.configPatches") for _, path in found.left)


@given(st.fractions(min_value=Fraction(1, 10**6), max_value=10**9, max_denominator=10**6))
def test_a_rate_that_is_written_reads_back(rate: Fraction) -> None:
    if spelling.is_rate(rate):
        back = amount_of(spelling.rate(rate), RATE)
        assert isinstance(back, Amount) and back.value == rate


@given(st.integers(1, 10**15))
def test_a_duration_that_is_written_reads_back(microseconds: int) -> None:
    back = amount_of(spelling.seconds(Fraction(microseconds, 10**6)), TIME)
    assert isinstance(back, Amount) and back.value == Fraction(microseconds, 10**6)
