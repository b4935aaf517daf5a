"""A DestinationRule for many hosts holds for those that have none of their own."""

from __future__ import annotations

from typing import Any

import pytest

from .mutated import imported
from .test_token_buckets_that_are_read import deployment


def rule(name: str, host: str, pending: int) -> dict[str, Any]:
    pool = {"http": {"http1MaxPendingRequests": pending}}
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"host": host, "trafficPolicy": {"connectionPool": pool}},
    }


def text_and_left(*rules: dict[str, Any]) -> tuple[str, dict[tuple[str, str], str]]:
    pools = [deployment(name) for name in ("web", "api")]
    for one in pools:
        one["metadata"]["namespace"] = "shop"
    found = imported([*pools, *rules], "shop", "shop")
    assert found.errors() == []
    return found.text, found.left


@pytest.mark.parametrize("host", ["*", "*.local", "*.svc.cluster.local", "*.shop.svc.cluster.local"])
def test_it_holds_for_each_host_that_it_means(host: str) -> None:
    text, left = text_and_left(rule("all", host, 7))
    assert text.count("limit 7 pending") == 2
    assert not any(object == "DestinationRule/all" for object, _ in left)


@pytest.mark.parametrize("turn", [1, -1])
def test_of_several_rules_the_narrowest_counts_alone(turn: int) -> None:
    rules = [
        rule("all", "*", 1),
        rule("here", "*.shop.svc.cluster.local", 2),
        rule("api", "api.shop.svc.cluster.local", 3),
    ]
    text, left = text_and_left(*rules[::turn])
    assert text.count("limit 2 pending") == text.count("limit 3 pending") == 1
    assert "limit 1 pending" not in text
    assert ("DestinationRule/all", "spec.host") in left


@pytest.mark.parametrize("host", ["*.elsewhere.svc.cluster.local", "*.example.com"])
def test_one_for_hosts_that_were_not_read_is_listed(host: str) -> None:
    text, left = text_and_left(rule("all", host, 7))
    assert "limit" not in text and ("DestinationRule/all", "spec.host") in left
