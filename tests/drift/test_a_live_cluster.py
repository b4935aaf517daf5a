"""`seatrial diff --context` against a real API server: what was applied is no drift, each change is told exactly."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import SPECS, Said, environment, installed, seatrial
from tests.targets.control_plane import ASSETS, DEFINITIONS, ApiServer, api_server, missing

REASON = missing()
pytestmark = [pytest.mark.skipif(REASON is not None, reason=REASON or ""), pytest.mark.slow]
SPEC = SPECS / "support.fleet"
TARGETS = ("kubernetes", "istio", "runtime") if os.environ.get(DEFINITIONS) else ("kubernetes", "runtime")
CHOSEN = [word for name in TARGETS for word in ("--target", name)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with api_server(tmp_path_factory.mktemp("control-plane")) as found:
        folder = tmp_path_factory.mktemp("deploy") / "deploy"
        assert seatrial("compile", SPEC, "--out", folder, *CHOSEN).code == 0
        done = found.kubectl("create", "namespace", "support")
        assert done.returncode == 0, done.stderr
        done = found.kubectl("apply", "--server-side", "--force-conflicts", "-k", folder)
        assert done.returncode == 0, done.stderr
        yield found


def diff(server: ApiServer, *more: str) -> Said:
    path = f"{Path(os.environ[ASSETS]).resolve()}:{os.environ['PATH']}"
    env = environment(KUBECONFIG=str(server.config), PATH=path)
    return installed("diff", SPEC, "--context", "test", *CHOSEN, *more, env=env)


def test_what_was_applied_is_no_drift(server: ApiServer) -> None:
    said = diff(server)
    assert said.code == 0, said.all
    assert "context test: as " in said.out


def test_each_change_is_told_and_nothing_else(server: ApiServer) -> None:
    def patch(kind: str, name: str, patch: str) -> None:
        done = server.kubectl("-n", "support", "patch", kind, name, "--type=merge", "-p", patch)
        assert done.returncode == 0, done.stderr

    # An autoscaler owns the number of agents, so that this is none: what a scale sets, it takes back.
    scaled = server.kubectl("-n", "support", "scale", "deployment/triage", "--replicas=41")
    assert scaled.returncode == 0, scaled.stderr
    patch("hpa", "triage", '{"spec": {"maxReplicas": 500}}')
    patch("pdb", "resolver", '{"spec": {"minAvailable": 40}}')
    patch("deployment", "frontdesk", '{"spec": {"template": {"spec": {"nodeSelector": {"disk": "ssd"}}}}}')
    gone = server.kubectl("-n", "support", "delete", "service", "reviewer")
    assert gone.returncode == 0, gone.stderr
    said = diff(server, "--format", "json")
    assert said.code == 1, said.all
    rows = {(row["object"], row["path"]): row for row in said.json["differences"]}
    assert set(rows) == {
        ("HorizontalPodAutoscaler/triage", "spec.maxReplicas"),
        ("PodDisruptionBudget/resolver", "spec.minAvailable"),
        ("Deployment/frontdesk", "spec.template.spec.nodeSelector"),
        ("Service/reviewer", ""),
    }
    bounds = rows["HorizontalPodAutoscaler/triage", "spec.maxReplicas"]
    assert (bounds["spec"], bounds["there"], bounds["would_be"]) == (100, 500, "agents 40..500")
    assert "connections/postgres" in {one["id"] for one in bounds["breaks"]}
    assert SPEC.read_text().splitlines()[int(bounds["at"].rsplit(":", 2)[1]) - 1].strip() == "agents 40..100"
    budget = rows["PodDisruptionBudget/resolver", "spec.minAvailable"]
    assert [(one["id"], one["status"]) for one in budget["breaks"]] == [("disruption/resolver", "refuted")]
    assert rows["Service/reviewer", ""]["kind"] == "missing"


def test_a_context_that_is_not_there_is_said(server: ApiServer) -> None:
    env = environment(KUBECONFIG=str(server.config), PATH=f"{Path(os.environ[ASSETS]).resolve()}:{os.environ['PATH']}")
    said = installed("diff", SPEC, "--context", "nowhere", env=env)
    assert said.code == 2 and "context nowhere" in said.err and "Traceback" not in said.all
