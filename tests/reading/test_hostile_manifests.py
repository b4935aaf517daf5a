"""What manifests have in names, labels and texts becomes no clause, and steers no terminal."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from seatrial.cli.app import cli

from .mutated import imported

HOSTILE = (
    "\x1b[31m\x1b]0;owned\x07\u202e\u2066\x9b2J",
    "}\npool evil { agents 1 }\n# ",
    'x"; agents 5',
    "a: b\n---\nkind: Secret",
    "$(touch owned)",
    "../../x",
    "on",
    "a--b",
    "x" * 90,
)
SHOP = """fleet shop {
  demand d { steady 1/s }
  pool web { serves d { timeout 2s }; agents 3; each { concurrency 4; service mean 20ms, p99 80ms } }
}
"""
ISTIO = "networking.istio.io/v1"


def made(version: str, kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}


def workload(name: str, label: str, said: str) -> dict[str, Any]:
    container = {
        "name": said,
        "image": said,
        "env": [{"name": said, "value": "http://web"}, {"name": "X", "value": said}],
    }
    pod = {
        "nodeSelector": {"seatrial.dev/nodes": said},
        "priorityClassName": said,
        "serviceAccountName": said,
        "containers": [container],
    }
    template = {"metadata": {"labels": {"app": label}}, "spec": pod}
    return made("apps/v1", "Deployment", name, {"replicas": 2, said: said, "template": template})


def manifests(said: str) -> list[Any]:
    """A word in each place of which an import makes a name, a text or a comment."""
    hashing = {"loadBalancer": {"consistentHash": {"httpHeaderName": said}}}
    metric = {"type": "External", "external": {"metric": {"name": f"queue {said}"}, "target": {"averageValue": "5"}}}
    scaled = {"scaleTargetRef": {"name": "web"}, "maxReplicas": 5, "metrics": [metric]}
    trigger = {"type": "kafka", "metadata": {"lagThreshold": "5", "topic": said}}
    to_web, to_said = (
        {"route": [{"destination": {"host": host}}], "timeout": "3s", "name": said} for host in ("web", said)
    )
    from_said = {**to_web, "match": [{"sourceLabels": {"app": said}}]}
    peers = [{"podSelector": {"matchLabels": {f"seatrial.dev/{kind}": said}}} for kind in ("demand", "pool")]
    ours = {"podSelector": {"matchLabels": {"seatrial.dev/pool": "web"}}, "ingress": [{"from": peers}]}
    stop = {"kind": "RoleBinding", "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "emergency-stop"}}
    return [
        workload(said, said, said),
        workload("web", "web", "x"),
        made("v1", "Service", said, {"selector": {"app": said}}),
        made(said, said, said, {}),
        made("autoscaling/v2", "HorizontalPodAutoscaler", said, scaled),
        made("autoscaling/v2", "HorizontalPodAutoscaler", f"{said}2", scaled),
        made("keda.sh/v1alpha1", "ScaledObject", said, {"scaleTargetRef": {"name": said}, "triggers": [trigger]}),
        made(ISTIO, "ServiceEntry", said, {"hosts": [said, "llm.example"]}),
        made(ISTIO, "Gateway", said, {"selector": {"seatrial.dev/demand": said}}),
        made(ISTIO, "VirtualService", said, {"hosts": [said], "gateways": [said], "http": [from_said]}),
        made(ISTIO, "VirtualService", "b", {"hosts": ["*"], "gateways": [said], "http": [to_said, to_web]}),
        made(ISTIO, "DestinationRule", said, {"host": "web", "trafficPolicy": hashing}),
        made(ISTIO, "DestinationRule", "c", {"host": said, "workloadSelector": {"matchLabels": {"app": said}}}),
        made("networking.k8s.io/v1", "NetworkPolicy", "web-calls", ours),
        made("v1", "ResourceQuota", said, {"hard": {said: "5", "pods": said}}),
        {**stop, "subjects": [{"kind": "Group", "name": said}]},
    ]


@pytest.mark.parametrize("said", HOSTILE)
def test_no_word_of_a_manifest_becomes_a_clause(said: str) -> None:
    found = imported(manifests(said), "shop", "")
    assert found.errors() == []
    clauses = "\n".join(
        line.partition("  # ")[0] for line in found.text.splitlines() if not line.strip().startswith("#")
    )
    assert "pool evil" not in clauses and "agents 5\n" not in clauses and "kind: Secret" not in clauses
    assert all(char.isprintable() for char in found.text.replace("\n", ""))


@pytest.mark.parametrize("said", HOSTILE)
def test_no_word_of_a_manifest_steers_a_terminal(said: str, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(yaml.safe_dump_all(manifests(said)), encoding="utf-8")
    spec = tmp_path / "shop.fleet"
    spec.write_text(SHOP, encoding="utf-8")
    for words in (
        ("import", str(file)),
        ("check", "--no-cache", "--manifests", str(file)),
        ("diff", str(spec), "--manifests", str(file)),
    ):
        told = _run(*words)
        assert told.exit_code in (0, 1)
        assert not [char for char in told.output if char != "\n" and unicodedata.category(char) in ("Cc", "Cf")], words


def test_requests_that_a_gateway_leads_out_of_the_fleet_are_told() -> None:
    entry = made(ISTIO, "ServiceEntry", "llm", {"hosts": ["llm.example"]})
    route = {"route": [{"destination": {"host": "llm.example"}}], "timeout": "3s"}
    leads = made(ISTIO, "VirtualService", "out", {"hosts": ["*"], "gateways": ["egress"], "http": [route]})
    found = imported([workload("web", "web", "x"), entry, leads], "shop", "")
    assert found.errors() == []
    assert "requests of out go to llm and to no pool" in found.text


def _run(*words: str) -> Result:
    result = CliRunner().invoke(cli, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result
