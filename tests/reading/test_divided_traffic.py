"""Routes whose requests are divided: who gets all of them is the callee, else nobody is and the route is listed."""

from __future__ import annotations

from typing import Any

import pytest

from seatrial.targets import reading


def deployment(name: str) -> dict[str, Any]:
    pod = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": name, "image": "x:1"}]}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {"template": pod}}


def gateway_api(*backends: tuple[str, int | None]) -> dict[str, Any]:
    refs = [{"name": name, "port": 80} | ({} if weight is None else {"weight": weight}) for name, weight in backends]
    rule = {"backendRefs": refs, "timeouts": {"request": "3s"}}
    spec = {"parentRefs": [{"name": "public"}], "rules": [rule]}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "r"},
        "spec": spec,
    }


def istio(*targets: tuple[str, int | None]) -> dict[str, Any]:
    route = [
        {"destination": {"host": name}} | ({} if weight is None else {"weight": weight}) for name, weight in targets
    ]
    spec = {"hosts": ["*"], "gateways": ["public"], "http": [{"route": route, "timeout": "3s"}]}
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "r"},
        "spec": spec,
    }


def read(route: dict[str, Any]) -> tuple[dict[str, str], dict[str, object]]:
    """The timeout of each pool's demand, and what is listed of the route, by its path."""
    manifests = [reading.Manifest(body, "a.yaml", 1) for body in (deployment("api"), deployment("web"), route)]
    made = reading.read(manifests, "shop", "")
    times = {edge.callee: edge.policy.said["timeout"].text for edge in made.edges if "timeout" in edge.policy.said}
    return times, {one.place.path: one.value for one in made.left if one.place.object.endswith("/r")}


@pytest.mark.parametrize("kind", [gateway_api, istio])
def test_a_destination_of_weight_0_is_passed_over_and_listed(kind: Any) -> None:
    times, left = read(kind(("api", 0), ("web", 100)))
    assert times == {"web": "timeout 3s"}
    assert any(isinstance(one, dict) and one.get("weight") == 0 for one in left.values())


@pytest.mark.parametrize("kind", [gateway_api, istio])
@pytest.mark.parametrize("parts", [(10, 90), (90, 10), (1, 1)])
def test_a_route_that_is_divided_is_nobodys_and_listed(kind: Any, parts: tuple[int, int]) -> None:
    times, left = read(kind(("api", parts[0]), ("web", parts[1])))
    assert times == {}
    weights = [one["weight"] for one in left.values() if isinstance(one, dict) and "weight" in one]
    assert weights == list(parts)
    assert "3s" in str(left)


@pytest.mark.parametrize("kind", [gateway_api, istio])
def test_parts_of_one_pool_are_that_pools_and_their_weights_are_listed(kind: Any) -> None:
    times, left = read(kind(("web", 10), ("web", 90)))
    assert times == {"web": "timeout 3s"}
    assert [value for path, value in left.items() if path.endswith("weight")] == [10, 90]


def test_what_no_weight_means_is_each_ones_own() -> None:
    assert read(gateway_api(("api", None), ("web", 0)))[0] == {"api": "timeout 3s"}
    assert read(gateway_api(("api", None), ("web", 1)))[0] == {}
    assert read(istio(("api", None), ("web", 100)))[0] == {"web": "timeout 3s"}
    assert read(istio(("api", 0)))[0] == {"api": "timeout 3s"}
    assert read(gateway_api(("api", 0)))[0] == {}


@pytest.mark.parametrize("kind", [gateway_api, istio])
def test_a_part_that_goes_elsewhere_divides_a_route_too(kind: Any) -> None:
    times, left = read(kind(("api", 10), ("elsewhere", 90)))
    assert times == {}
    assert "elsewhere" in str(left) and "3s" in str(left)
