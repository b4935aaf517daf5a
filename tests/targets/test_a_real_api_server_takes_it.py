"""An API server judges every manifest strictly, takes the folder, and finds nothing to change the second time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from seatrial import __version__
from seatrial.compiler.pipeline import plan
from seatrial.loading import load
from seatrial.targets import emit_all, render
from seatrial.targets.argocd import applications

from . import plans
from .control_plane import DEFINITIONS, ApiServer, api_server, missing
from .emitted import CASES, write

SPECS = Path(__file__).parents[2] / "specs"
OPERATORS = ("kubernetes", "runtime", "keda", "kueue")
REASON = missing()
pytestmark = [pytest.mark.skipif(REASON is not None, reason=REASON or ""), pytest.mark.slow]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with api_server(tmp_path_factory.mktemp("control-plane")) as found:
        yield found


def targets() -> tuple[str, ...]:
    """Objects of a kind that the server has no definition of cannot be judged by it."""
    return ("kubernetes", "istio", "runtime") if os.environ.get(DEFINITIONS) else ("kubernetes", "runtime")


@pytest.mark.parametrize("case", CASES)
def test_it_takes_the_folder_and_then_has_nothing_to_change(case: str, server: ApiServer, tmp_path: Path) -> None:
    plan = CASES[case]()
    write(plan, tmp_path, targets())
    namespace = server.kubectl("create", "namespace", plan.fleet)
    assert namespace.returncode == 0, namespace.stderr
    options = ("--validate=strict", "--server-side", "--field-manager=seatrial", "--force-conflicts")
    dry = server.kubectl("apply", "-k", tmp_path, "--dry-run=server", *options)
    assert dry.returncode == 0, dry.stderr
    assert "Warning" not in dry.stderr, dry.stderr
    first = server.kubectl("apply", "-k", tmp_path, *options)
    assert first.returncode == 0, first.stderr
    before = resources(server, plan.fleet)
    again = server.kubectl("apply", "-k", tmp_path, *options)
    assert again.returncode == 0, again.stderr
    assert resources(server, plan.fleet) == before
    differ = server.kubectl("diff", "-k", tmp_path, "--server-side", "--force-conflicts", "--field-manager=seatrial")
    assert differ.returncode == 0, differ.stdout + differ.stderr


@pytest.mark.parametrize("case", CASES)
def test_a_plain_apply_is_taken_too(case: str, server: ApiServer, tmp_path: Path) -> None:
    plan = CASES[case]()
    write(plan, tmp_path, targets())
    # The namespace is there already, by the test before or not: a client-side apply of both is what users type.
    first = server.kubectl("apply", "-k", tmp_path, "--validate=strict")
    assert first.returncode == 0, first.stderr
    before = resources(server, plan.fleet)
    second = server.kubectl("apply", "-k", tmp_path, "--validate=strict")
    assert second.returncode == 0, second.stderr
    # kubectl says `configured` of each PodDisruptionBudget, whose selector it always sends; nothing changes by that.
    assert resources(server, plan.fleet) == before


@pytest.mark.skipif(not os.environ.get(DEFINITIONS), reason=f"{DEFINITIONS} names no definitions")
@pytest.mark.parametrize("case", CASES)
def test_what_keda_and_kueue_take_the_place_of_is_taken(case: str, server: ApiServer, tmp_path: Path) -> None:
    plan = CASES[case]()
    write(plan, tmp_path, ("kubernetes", "runtime", "keda", "kueue"))
    server.kubectl("create", "namespace", plan.fleet)
    done = server.kubectl("apply", "-k", tmp_path, "--dry-run=server", "--validate=strict")
    assert done.returncode == 0, done.stderr


OF_OTHERS = {
    "dapr": ("resiliencies.dapr.io",),
    "ai-gateway": ("aigatewayroutes.aigateway.envoyproxy.io", "backendtrafficpolicies.gateway.envoyproxy.io"),
    "agentgateway": ("agentgatewaypolicies.agentgateway.dev",),
    "kafka": ("kafkatopics.kafka.strimzi.io",),
    "gateway-api": (
        "gateways.gateway.networking.k8s.io",
        "httproutes.gateway.networking.k8s.io",
        "envoyfilters.networking.istio.io",
    ),
}


@pytest.mark.parametrize("target", OF_OTHERS)
def test_what_runtimes_of_others_read_is_taken(target: str, server: ApiServer, tmp_path: Path) -> None:
    absent = [name for name in OF_OTHERS[target] if server.kubectl("get", "crd", name).returncode != 0]
    if absent:
        pytest.skip(f"{DEFINITIONS} names no definition of {', '.join(absent)}")
    plan = plans.shared()
    write(plan, tmp_path, ("kubernetes", "runtime", target))
    server.kubectl("create", "namespace", plan.fleet)
    options = ("--validate=strict", "--server-side", "--field-manager=seatrial", "--force-conflicts")
    done = server.kubectl("apply", "-k", tmp_path, "--dry-run=server", *options)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr, done.stderr


@pytest.mark.parametrize("case", CASES)
def test_argo_cd_is_given_applications_that_it_takes(case: str, server: ApiServer, tmp_path: Path) -> None:
    if server.kubectl("get", "crd", "applications.argoproj.io").returncode != 0:
        pytest.skip(f"{DEFINITIONS} names no definition of applications.argoproj.io")
    plan = CASES[case]()
    write(plan, tmp_path, ("kubernetes", "argocd"))
    overlaid = tmp_path / "overlaid"
    for document in applications({"staging": plan, "prod": plan}):
        path = overlaid / document.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(render(document, plan))
    server.kubectl("create", "namespace", "argocd")
    for folder in (tmp_path / "argocd", overlaid / "argocd"):
        done = server.kubectl("apply", "-k", folder, "--dry-run=server", "--validate=strict", "--server-side")
        assert done.returncode == 0, done.stderr
        assert "Warning" not in done.stderr, done.stderr


@pytest.mark.skipif(not os.environ.get(DEFINITIONS), reason=f"{DEFINITIONS} names no definition of PrometheusRule")
@pytest.mark.parametrize("case", CASES)
def test_the_rules_are_taken_by_the_operators_definition(case: str, server: ApiServer, tmp_path: Path) -> None:
    plan = CASES[case]()
    write(plan, tmp_path, ("prometheus",))
    # The namespace is one of the manifests' own.
    server.kubectl("create", "namespace", plan.fleet)
    done = server.kubectl("apply", "-k", tmp_path / "prometheus", "--dry-run=server", "--validate=strict")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("spec", sorted(SPECS.rglob("*.fleet")), ids=lambda path: path.stem)
def test_every_spec_that_compiles_is_taken(spec: Path, server: ApiServer, tmp_path: Path) -> None:
    loaded = load(spec)
    made = plan(loaded.checked, loaded.assets, __version__)
    assert made is not None
    # Most specs are about something else than images. Their fleets share names with the plans above, which are applied.
    pools = tuple(replace(pool, image=pool.image or "registry.example/agent:1.0") for pool in made.pools)
    made = replace(made, pools=pools, fleet=f"{made.fleet}-shipped")
    wrong = [one.code for one in emit_all(made, targets())[1] if one.is_error]
    if wrong:
        pytest.skip(f"it does not compile: {', '.join(wrong)}")
    for names in (targets(), *((OPERATORS,) if os.environ.get(DEFINITIONS) else ())):
        folder = tmp_path / "-".join(names)
        write(made, folder, names)
        server.kubectl("create", "namespace", made.fleet)
        done = server.kubectl("apply", "-k", folder, "--dry-run=server", "--validate=strict", "--server-side")
        assert done.returncode == 0, done.stderr
        assert "Warning" not in done.stderr, done.stderr


def test_it_refuses_a_field_that_is_not_there(server: ApiServer, tmp_path: Path) -> None:
    """Strict validation is on: without this the tests above would say little."""
    write(CASES["plain"](), tmp_path, ("kubernetes",))
    path = tmp_path / "kubernetes/worker-deployment.yaml"
    body = yaml.safe_load(path.read_text())
    body["spec"]["replicaz"] = 3
    path.write_text(yaml.safe_dump(body))
    done = server.kubectl("apply", "-f", path, "--dry-run=server", "--validate=strict")
    assert done.returncode != 0
    assert "replicaz" in done.stderr


def resources(server: ApiServer, namespace: str) -> dict[str, str]:
    """Each object and its resourceVersion, which moves with any change."""
    kinds = "deployments,services,serviceaccounts,hpa,pdb,resourcequotas,networkpolicies,configmaps"
    if os.environ.get(DEFINITIONS):
        kinds += ",destinationrules,virtualservices,envoyfilters,gateways.networking.istio.io,serviceentries"
    done = server.kubectl("get", f"{kinds},priorityclasses", "-n", namespace, "-o", "yaml")
    assert done.returncode == 0, done.stderr
    items = yaml.safe_load(done.stdout)["items"]
    return {f"{one['kind']}/{one['metadata']['name']}": one["metadata"]["resourceVersion"] for one in items}
