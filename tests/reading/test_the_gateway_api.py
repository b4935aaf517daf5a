"""HTTPRoutes as people write them: what they say of a call is read, what the language cannot say is listed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import seatrial

WORKLOADS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "registry.example/web:1"}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: stock, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: stock}}
  template: {metadata: {labels: {app: stock}}, spec: {containers: [{name: s, image: "registry.example/stock:1"}]}}
---
apiVersion: v1
kind: Service
metadata: {name: front, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: infra}
spec: {gatewayClassName: CLASS, listeners: [{name: http, protocol: HTTP, port: 80}]}
"""

ROUTE = """
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [PARENT]
  rules:
  - backendRefs: [{name: front, port: 80}]
    RULE
"""


def read(folder: Path, rule: str = "", *, parent: str = "{name: public, namespace: infra}", of: str = "nginx") -> Any:
    path = folder / "shop.yaml"
    path.write_text(WORKLOADS.replace("CLASS", of) + ROUTE.replace("PARENT", parent).replace("RULE", rule))
    said = seatrial("import", path, "--namespace", "shop", "--format", "json")
    assert said.code == 0, said.all
    return said.json


def left(made: Any) -> dict[str, str]:
    return {one["path"]: one["why"] for one in made["left"] if one["object"] == "HTTPRoute/web"}


def test_times_and_retries_are_read(tmp_path: Path) -> None:
    made = read(
        tmp_path, "timeouts: {request: 1m2s500ms, backendRequest: 2s}\n    retry: {attempts: 3, backoff: 100ms}"
    )
    assert "timeout 62500ms" in made["spec"] and "try timeout 2s" in made["spec"]
    assert "retry 3 { backoff 100ms up to 1s }" in made["spec"]


def test_no_time_is_none_at_all(tmp_path: Path) -> None:
    assert "timeout" not in read(tmp_path, "timeouts: {request: 0s}")["spec"]


def test_only_gateways_of_istio_retry_by_themselves(tmp_path: Path) -> None:
    for of, retries in (("istio", True), ("nginx", False)):
        path = tmp_path / f"{of}.yaml"
        ours = (WORKLOADS + ROUTE).replace("CLASS", of).replace("namespace: infra", "namespace: shop")
        path.write_text(ours.replace("PARENT", "{name: public}").replace("RULE", ""))
        text = seatrial("import", path).out
        assert ("retry 2" in text and "Istio retries 2 times" in text) is retries
    # Of a Gateway in another namespace nothing is known.
    assert "retry" not in read(tmp_path, of="istio")["spec"]


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("matches: [{path: {type: Exact, value: /cart}}]", "spec.rules[0].matches"),
        ("filters: [{type: RequestMirror, requestMirror: {backendRef: {name: x, port: 1}}}]", "spec.rules[0].filters"),
        ("retry: {attempts: 1, codes: [502]}", "spec.rules[0].retry.codes"),
        ("sessionPersistence: {sessionName: a}", "spec.rules[0].sessionPersistence"),
    ],
)
def test_what_the_language_has_no_word_for_is_listed(tmp_path: Path, rule: str, path: str) -> None:
    assert path in left(read(tmp_path, rule))


def test_matches_that_take_everything_say_nothing(tmp_path: Path) -> None:
    assert left(read(tmp_path, "matches: [{path: {type: PathPrefix, value: /}}]")).keys() == left(read(tmp_path)).keys()


def test_a_route_of_a_service_is_for_all_of_its_callers(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    calls = WORKLOADS.replace(
        'image: "registry.example/stock:1"', 'image: "x", env: [{name: FRONT, value: "http://front"}]'
    )
    parent = '{group: "", kind: Service, name: front, port: 80}'
    path.write_text(calls + ROUTE.replace("PARENT", parent).replace("RULE", "timeouts: {request: 3s}"))
    made = seatrial("import", path, "--namespace", "shop", "--format", "json").json
    assert "call stock -> web" in made["spec"] and "timeout 3s" in made["spec"]


def test_a_route_to_nothing_that_was_read_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    elsewhere = ROUTE.replace("name: front", "name: front, namespace: other").replace("PARENT", "{name: public}")
    path.write_text(WORKLOADS + elsewhere.replace("RULE", ""))
    made = seatrial("import", path, "--namespace", "shop", "--format", "json").json
    assert "nothing that was read" in str(left(made)) or "no Service" in str(left(made))
