"""Clauses -> pools."""

from __future__ import annotations

from fractions import Fraction

from seatrial.dsl.clauses import Clause
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..model import (
    Agent,
    Disruption,
    Health,
    Holding,
    Links,
    MemoryHolding,
    Pool,
    Scaling,
    Sidecar,
    Signal,
    Stated,
)
from . import defaults, failing, stated
from .strings import no_image
from .symbols import Symbols
from .world import spread


def pool(clause: Clause, symbols: Symbols, found: list[Diagnostic]) -> Pool | None:
    get = clause.by_slot.get
    agents, each, drain = get("agents"), get("each"), get("drain")
    if agents is None:
        return None
    agents_min, agents_max = stated.bounds(agents, "agents")
    scaling = _scaling(get("scale"))
    if scaling is None and 0 < agents_min.value < agents_max.value:
        agent = "agent" if agents_min.value == 1 else "agents"
        found.append(
            Diagnostic(
                "ST1013",
                Severity.WARNING,
                f"nothing scales `pool {clause.values['name'].text}`: it stays at {agents_min.value:,} {agent}",
                (Label(agents.head, "a range"),),
                help="add `scale on busy 60%`, or write one number",
            )
        )
    on = get("on")
    classes: list[Stated[str]] = []
    for row in on.groups["classes"] if on is not None else ():
        name = row["nodes"]
        if symbols.find_nodes(name, found) and on is not None:
            classes.append(Stated(name.text, name.span, stated.text_of(on)))
    image, run = get("image"), get("run")
    wrong = no_image(image.values["image"]) if image is not None else None
    found += [wrong] if wrong is not None else []
    if run is not None and "{port}" not in run.values["command"].text:
        found.append(
            Diagnostic(
                "ST1021",
                Severity.ERROR,
                "the command does not say on which port the agent listens",
                (Label(run.values["command"].span, "no {port} in it"),),
                help='write for example `run "python my_agent.py --port {port}"`',
            )
        )
    return Pool(
        name=clause.values["name"].text,
        at=clause.head,
        agents_min=agents_min,
        agents_max=agents_max,
        each=_agent(each or clause, symbols, found),
        image=stated.word(image, "image") if image is not None else None,
        run=stated.word(run, "command") if run is not None else None,
        on=tuple(classes),
        scaling=scaling,
        health=_health(get("health")),
        disruption=_disruption(get("disrupt")),
        drain_seconds=stated.maybe_amount(drain, "time") or stated.filled(defaults.DRAIN, clause),
        priority=stated.priority(get("priority")),
        degrade=failing.degrade(clause, found),
        push_back=stated.maybe_whole(get("push"), "pending"),
        skills=failing.skills(clause, found),
    )


def _held_once(holds: tuple[Clause, ...], found: list[Diagnostic]) -> None:
    """What an agent holds of one dependency is one number: of two, one would count for nothing."""
    first: dict[str, Clause] = {}
    for hold in holds:
        value = hold.values["dependency"]
        before = first.setdefault(value.text, hold)
        if before is not hold:
            message = f"what an agent holds of {value.text} is said twice"
            labels = (Label(hold.head, "again here"), Label(before.head, "first said here"))
            found.append(Diagnostic("ST1003", Severity.ERROR, message, labels, help="keep one of them, with the sum"))


def _agent(clause: Clause, symbols: Symbols, found: list[Diagnostic]) -> Agent:
    """From the `each` block; from the pool itself where there is none, which leaves everything to defaults."""
    each = clause if clause.form.slot == "each" else None
    get = (each.by_slot if each is not None else dict[str, Clause]()).get
    service = get("service")
    mean, tail = stated.maybe_amount(service, "mean"), stated.maybe_amount(service, "tail")
    spread(mean, tail, "the mean", found)
    holds: list[Holding] = []
    if each is not None:
        _held_once(each.all("holds"), found)
        _held_once(each.all("memory-of"), found)
    for hold in each.all("holds") if each is not None else ():
        if symbols.find(hold.values["dependency"], ("dependency",), found):
            dependency = hold.values["dependency"].text
            holds.append(Holding(hold.head, dependency, stated.whole(hold, "connections")))
    takes = tuple(
        MemoryHolding(hold.head, hold.values["dependency"].text, stated.whole(hold, "amount"))
        for hold in (each.all("memory-of") if each is not None else ())
        if symbols.find(hold.values["dependency"], ("dependency",), found)
    )
    concurrency, startup = get("concurrency"), get("startup")
    return Agent(
        at=clause.head,
        cpu_cores=stated.maybe_amount(get("cpu"), "cpu"),
        memory_bytes=stated.maybe_whole(get("memory"), "memory"),
        dollars_per_hour=stated.hourly(get("price"), "price"),
        concurrency=stated.maybe_whole(concurrency, "slots") or stated.filled_whole(defaults.CONCURRENCY, clause),
        service_mean_seconds=mean,
        service_p99_seconds=tail,
        startup_seconds=stated.maybe_amount(startup, "startup") or stated.filled(defaults.STARTUP, clause),
        holds=tuple(holds),
        gpus=stated.maybe_whole(get("gpu"), "gpus"),
        memory_holds=takes,
        links=_links(get("links")),
        start_work_seconds=stated.maybe_amount(get("start-work"), "work"),
        start_limit_seconds=stated.maybe_amount(get("start-limit"), "limit"),
        request_bytes=stated.maybe_whole(get("request-memory"), "amount"),
        sidecar=_sidecar(get("sidecar")),
    )


def _sidecar(clause: Clause | None) -> Sidecar | None:
    if clause is None:
        return None
    return Sidecar(clause.head, stated.amount(clause, "cpu"), stated.whole(clause, "memory"))


def _links(clause: Clause | None) -> Links | None:
    if clause is None:
        return None
    each, more, limit = stated.amount(clause, "each"), stated.maybe_whole(clause, "more"), stated.whole(clause, "limit")
    return Links(clause.head, each, more, limit)


_SIGNALS = {"scale:queue": Signal.QUEUE, "scale:rate": Signal.RATE, "scale:flight": Signal.IN_FLIGHT}


def _scaling(clause: Clause | None) -> Scaling | None:
    if clause is None:
        return None
    up, down, step = clause.child("up"), clause.child("down"), clause.child("step")
    if clause.form.key == "scale:share":
        signal, target = Signal(clause.values["signal"].text), stated.amount(clause, "share")
    else:
        signal = _SIGNALS[clause.form.key]
        target = stated.amount(clause, "rate" if signal is Signal.RATE else "target")
    return Scaling(
        at=clause.head,
        signal=signal,
        target=target,
        up_within_seconds=stated.maybe_amount(up, "within"),
        down_over_seconds=stated.maybe_amount(down, "over") or stated.filled(defaults.DOWN_OVER, clause),
        step_share=stated.maybe_amount(step, "share") or stated.filled(defaults.STEP_SHARE, clause),
        step_period_seconds=stated.maybe_amount(step, "period") or stated.filled(defaults.STEP_PERIOD, clause),
    )


def _health(clause: Clause | None) -> Health | None:
    if clause is None:
        return None
    fails = clause.child("fails")
    times = stated.maybe_whole(fails, "times") or stated.filled_whole(defaults.FAILS_AFTER, clause)
    behind = stated.maybe_amount(clause.child("behind"), "limit")
    return Health(clause.head, stated.amount(clause, "every"), times, failing.restarts(clause), behind)


def _disruption(clause: Clause | None) -> Disruption | None:
    if clause is None:
        return None
    share: Stated[Fraction] | None = stated.maybe_amount(clause, "share")
    return Disruption(clause.head, share, stated.maybe_whole(clause, "count"))
