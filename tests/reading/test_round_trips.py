"""import(compile(spec)) has the plan of the spec, in all that documents can carry."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.cli.manifests import objects
from seatrial.compiler.lower import lower
from seatrial.compiler.model import CalleeKind, CallerKind, Loss, QueueOrder, Route, Signal
from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import plan, read
from seatrial.compiler.plan import (
    BreakPlan,
    CallPlan,
    HealthPlan,
    LimitPlan,
    Plan,
    PoolPlan,
    RetryPlan,
    ScalingPlan,
    ShedOnFailurePlan,
    StepPolicy,
)
from seatrial.compiler.plan_containment import Containment, QueuePlan
from seatrial.compiler.plan_order import SecurityPlan
from seatrial.compiler.plan_rates import AdmitPlan, WarmUpPlan
from seatrial.compiler.semantics.flapping import updated_pods
from seatrial.compiler.semantics.probes import grace
from seatrial.compiler.semantics.scaling import behavior_of
from seatrial.compiler.semantics.updates import most_pods, placed_pods, surge
from seatrial.dsl.format import format_file
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source
from seatrial.loading import load
from seatrial.targets import emit_all, reading, render
from tests.targets import plans

from .carried import carried

ROOT = Path(__file__).parents[2]
SPECS = sorted(path for path in (ROOT / "specs").rglob("*.fleet") if "fleet " in path.read_text(encoding="utf-8"))
TARGETS = ("kubernetes", "istio", "runtime")


@pytest.mark.parametrize("path", SPECS, ids=[path.stem for path in SPECS])
def test_a_spec_that_is_compiled_and_imported_has_its_plan(path: Path) -> None:
    given = load(path)
    made = plan(given.checked, given.assets, "1.0")
    if made is None:
        pytest.skip("a part of another spec")
    # Nothing but KEDA brings back a pool that may be empty.
    keda = ("keda",) if any(pool.agents_min == 0 for pool in made.pools) else ()
    _comes_back(_with_images(made), (*TARGETS, *keda))


@pytest.mark.parametrize("path", SPECS[:6], ids=[path.stem for path in SPECS[:6]])
def test_so_does_one_that_keda_scales(path: Path) -> None:
    given = load(path)
    made = plan(given.checked, given.assets, "1.0")
    assert made is not None
    _comes_back(_with_images(made), (*TARGETS, "keda"))


@pytest.mark.parametrize("path", SPECS[:12], ids=[path.stem for path in SPECS[:12]])
def test_so_does_one_that_the_gateway_api_lets_in(path: Path) -> None:
    given = load(path)
    made = plan(given.checked, given.assets, "1.0")
    assert made is not None
    _comes_back(_with_images(made), (*TARGETS, "gateway-api"))


def _with_images(made: Plan) -> Plan:
    """Kubernetes has no workload without one."""
    pools = tuple(replace(pool, image=pool.image or "registry.example/x:1") for pool in made.pools)
    return replace(made, pools=pools)


def _comes_back(made: Plan, targets: tuple[str, ...]) -> None:
    found = _imported(made, targets)
    text = reading.text_of(found)
    back = _planned(text)
    # A pool that nobody calls gets a demand to be judged by, which is asked about.
    assumed = {edge.caller for edge in found.edges if edge.from_demand and edge.ask}
    back = replace(back, calls=tuple(call for call in back.calls if call.caller not in assumed))
    assert carried(back) == carried(made), text
    file, errors = parse(Source("imported.fleet", text))
    assert file is not None and not errors
    assert format_file(file) == text


def _imported(made: Plan, targets: tuple[str, ...]) -> reading.Reading:
    documents, _ = emit_all(made, targets)
    files = [one for one in documents if one.path.endswith(".yaml") and one.path != "kustomization.yaml"]
    manifests = [one for each in files for one in objects(render(each, made).decode(), each.path)]
    found = reading.read(manifests, made.fleet, made.fleet)
    assert not found.notes
    # Nothing of what we write ourselves is left, but where an address or an agent's own business is.
    left = [one for one in found.left if not one.place.path.endswith(("endpoints", "serverAddress"))]
    assert not left
    return found


def test_a_gateway_that_may_enter_an_heir_is_told_and_is_no_demand_of_its_own() -> None:
    each = 'image "x/p:1"; agents 5; each { cpu 1; memory 1Gi; concurrency 4; service mean 50ms }'
    made = _planned(
        f"fleet f {{ demand d {{ steady 5/s }}\n pool p {{ serves d; {each} }}\n pool q {{ {each} }}\n call p -> q\n"
        "survive loss of pool p, q takes over\n secure { only declared calls } }"
    )
    documents, _ = emit_all(made, TARGETS)
    files = [one for one in documents if one.path.endswith(".yaml") and one.path != "kustomization.yaml"]
    found = reading.read(
        [one for each in files for one in objects(render(each, made).decode(), each.path)], made.fleet, made.fleet
    )
    assert [(edge.caller, edge.callee) for edge in found.edges] == [("d", "p"), ("p", "q")]
    (note,) = found.notes
    assert "d may enter q and is not sent there" in note and "survive loss of pool …, q takes over" in note


def _planned(text: str) -> Plan:
    clauses = read(Source("imported.fleet", text))
    fleet, errors = resolve(clauses.clauses, {})
    assert fleet is not None and not any(one.is_error for one in (*errors, *clauses.diagnostics)), text
    return lower(fleet, (), "1.0", "")


def _thousandths(least: int, most: int) -> st.SearchStrategy[Fraction]:
    return st.integers(least, most).map(lambda number: Fraction(number, 1000))


RATES = st.builds(Fraction, st.integers(1, 10**5), st.sampled_from([1, 60, 3600]))
STEPS = st.builds(StepPolicy, st.integers(1, 300).map(lambda n: Fraction(n, 100)), st.integers(1, 1800))


@st.composite
def scalings(draw: st.DrawFn) -> ScalingPlan:
    signal = draw(st.sampled_from(list(Signal)))
    share = signal in (Signal.BUSY, Signal.CPU)
    target = Fraction(draw(st.integers(1, 100)), 100) if share else draw(_thousandths(1, 10**6))
    step = draw(STEPS)
    return ScalingPlan(signal, target, 0, draw(st.integers(1, 3600)), step, step)


def _leaving(pool: PoolPlan) -> PoolPlan:
    """With as many that may still be leaving as a compiled plan counts."""
    least, most, scaling = pool.agents_min, pool.agents_max, pool.scaling
    count = most_pods(most)
    if scaling is not None:
        share, period = scaling.down.share, scaling.down.period_seconds
        behavior = behavior_of(scaling.down_window_seconds, math.ceil(share * 100), period)
        count = updated_pods(least, most, behavior, grace(pool.drain_seconds))
    return replace(pool, leaving=count - placed_pods(most))


@st.composite
def pools(draw: st.DrawFn, name: str) -> PoolPlan:
    scaling = draw(st.none() | scalings())
    least = draw(st.integers(1, 200))
    most = least if scaling is None else least + draw(st.integers(0, 10_000))
    made = plans.pool(
        name,
        agents_min=least,
        agents_max=most,
        surge=surge(most),
        image=draw(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,19}", fullmatch=True)),
        on=tuple(draw(st.lists(st.sampled_from(["general", "large"]), unique=True, max_size=2))),
        cpu_cores=draw(_thousandths(1, 64_000)),
        memory_bytes=draw(st.integers(1, 2**40)),
        gpus=draw(st.none() | st.integers(1, 8)),
        startup_seconds=draw(_thousandths(0, 300_000)),
        scaling=scaling,
        health=draw(st.none() | st.builds(HealthPlan, st.integers(1, 300), st.integers(1, 20))),
        disruption_min_available=draw(st.none() | st.integers(0, least)),
        drain_seconds=draw(st.integers(1, 3600)),
        priority=draw(st.sampled_from([-100, 0, 100, 1000]) | st.integers(1, 10_000)),
    )
    return _leaving(made)


@st.composite
def breakers(draw: st.DrawFn) -> BreakPlan:
    by_errors = draw(st.booleans())
    return BreakPlan(
        errors=draw(st.integers(1, 50)) if by_errors else None,
        success_below=None if by_errors else Fraction(draw(st.integers(1, 99)), 100),
        over_seconds=Fraction(10) if by_errors else draw(_thousandths(1000, 600_000)),
        eject_share=Fraction(draw(st.integers(1, 100)), 100),
        eject_for_seconds=draw(_thousandths(1000, 600_000)),
    )


@st.composite
def calls(draw: st.DrawFn, /, caller: str, callee: str, **kinds: object) -> CallPlan:
    whole = draw(st.none() | _thousandths(2, 60_000))
    base = draw(_thousandths(1, 1000))
    route = draw(st.sampled_from([Route.LEAST_LOADED, Route.ROUND_ROBIN, Route.RANDOM, Route.BY_HEADER]))
    limits = draw(st.tuples(*[st.none() | st.integers(1, 10**6)] * 3))
    attempts = draw(st.integers(0, 10))
    return plans.call(
        caller,
        callee,
        timeout_seconds=whole,
        try_timeout_seconds=None if whole is None else draw(st.none() | _thousandths(1, int(whole * 1000))),
        retry=RetryPlan(
            attempts,
            base,
            base + draw(_thousandths(0, 5000)),
            draw(st.none() | _thousandths(1, 1000)) if attempts else None,
        ),
        breaker=draw(st.none() | breakers()),
        limit=LimitPlan(*limits) if any(limits) else None,
        shed_on_failure=draw(
            st.none()
            | st.builds(
                ShedOnFailurePlan, st.integers(1, 99).map(lambda n: Fraction(n, 100)), _thousandths(1000, 60_000)
            )
        ),
        admit=draw(st.none() | st.builds(AdmitPlan, RATES, st.integers(1, 10**6))),
        warm_up=draw(st.none() | st.builds(WarmUpPlan, _thousandths(1, 900_000), _thousandths(0, 1000)))
        if route in (Route.LEAST_LOADED, Route.ROUND_ROBIN) and "callee_kind" not in kinds
        else None,
        route=route,
        route_header="x-customer" if route is Route.BY_HEADER else None,
        **kinds,
    )


@st.composite
def fleets(draw: st.DrawFn) -> Plan:
    made = tuple(draw(pools(name)) for name in ("desk", "solver", "a-third-one")[: draw(st.integers(1, 3))])
    found = [draw(calls("tickets", "desk", caller_kind=CallerKind.DEMAND))]
    for before, after in pairwise(made):
        found.append(draw(calls(before.name, after.name)))
    dependency = draw(st.booleans())
    if dependency:
        found.append(draw(calls(made[-1].name, "llm", callee_kind=CalleeKind.DEPENDENCY)))
    closed, tls = draw(st.booleans()), draw(st.booleans())
    return plans.fleet(
        demands=(plans.demand("tickets"),),
        dependencies=(plans.dependency("llm"),) if dependency else (),
        pools=made,
        calls=tuple(found),
        survive=tuple((1, what) for what in draw(st.lists(st.sampled_from(list(Loss)), unique=True))),
        security=(SecurityPlan(tls, closed, False, (), (), plans.AT),) if closed or tls else (),
    )


@st.composite
def emptied(draw: st.DrawFn) -> Plan:
    """One pool that may be empty, and asks a dependency, perhaps."""
    most, step, named = (
        draw(st.integers(1, 10_000)),
        draw(STEPS),
        draw(st.sets(st.sampled_from(["work", "a-b", "more"]))),
    )
    window, target = draw(st.integers(1, 3600)), draw(_thousandths(1, 10**6))
    pool = replace(
        draw(pools("worker")),
        agents_min=0,
        agents_max=most,
        surge=surge(most),
        scaling=ScalingPlan(Signal.QUEUE, target, 0, window, step, step),
        disruption_min_available=None,
    )
    found = [plans.call("tickets", "worker", caller_kind=CallerKind.DEMAND)]
    if dependency := draw(st.booleans()):
        found.append(draw(calls("worker", "llm", callee_kind=CalleeKind.DEPENDENCY)))
    queues = tuple(
        QueuePlan(name, "worker", 1, False, QueueOrder.ARRIVAL, None, None, 1, None, plans.AT)
        for name in sorted(named or {"work"})
    )
    return plans.fleet(
        demands=(plans.demand("tickets"),),
        dependencies=(plans.dependency("llm"),) if dependency else (),
        pools=(_leaving(pool),),
        calls=tuple(found),
        containment=Containment(queues=queues),
    )


@given(emptied())
@settings(max_examples=40, deadline=None)
def test_a_pool_that_may_be_empty_comes_back_with_its_queues(made: Plan) -> None:
    _comes_back(made, (*TARGETS, "keda"))


@given(fleets(), st.sets(st.sampled_from(["keda", "gateway-api"])))
@settings(max_examples=60, deadline=None)
def test_any_plan_comes_back(made: Plan, more: set[str]) -> None:
    _comes_back(made, (*TARGETS, *sorted(more)))
