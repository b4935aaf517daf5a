"""Clauses -> the world a fleet lives in: node classes, demands, dependencies."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from seatrial.dsl.clauses import Clause
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..model import Demand, Dependency, Loss, Nodes, Stated, Survive, Trace
from . import defaults, stated, traces
from .ordered import ordered

_PER_SECONDS = {"s": 1, "min": 60, "h": 3600}


def nodes(clause: Clause) -> Nodes:
    count_min, count_max = stated.bounds(_must(clause, "count"), "count")
    pods, zones, gpu = clause.child("pods"), clause.child("zones"), clause.child("gpu")
    return Nodes(
        name=clause.values["name"].text,
        at=clause.head,
        count_min=count_min,
        count_max=count_max,
        cpu_cores=stated.amount(_must(clause, "cpu"), "cpu"),
        memory_bytes=stated.whole(_must(clause, "memory"), "memory"),
        pods_each=stated.maybe_whole(pods, "pods") or stated.filled_whole(defaults.NODE_PODS, clause),
        zones=stated.maybe_whole(zones, "zones") or stated.filled_whole(defaults.NODE_ZONES, clause),
        dollars_per_hour=stated.hourly(clause.child("price"), "price"),
        gpus=stated.maybe_whole(gpu, "gpus"),
    )


def survive(clause: Clause) -> Survive:
    return Survive(clause.head, stated.whole(clause, "count"), Loss(clause.values["what"].text.rstrip("s")))


def demand(clause: Clause, assets: Mapping[str, str], found: list[Diagnostic]) -> Demand | None:
    """None where neither a level nor a trace was given."""
    steady, peak, rises = clause.child("steady"), clause.child("peak"), clause.child("rises")
    trace = _trace(clause.child("trace"), assets.get(clause.values["name"].text), found)
    if steady is None and trace is None:
        if clause.child("trace") is None and clause.sound:
            found.append(
                Diagnostic(
                    "ST1002",
                    Severity.ERROR,
                    f"`demand {clause.values['name'].text}` says neither a level nor a trace",
                    (Label(clause.head, "how much is asked?"),),
                    help='add `steady 100/s`, or `trace "arrivals.csv"`',
                )
            )
        return None
    steady_rate = stated.maybe_amount(steady, "rate")
    if steady_rate is None and trace is not None:
        steady_rate = _measured(trace, traces.mean_rate(trace.arrivals_seconds), "steady", "its mean")
    assert steady_rate is not None
    peak_rate = stated.maybe_amount(peak, "rate")
    if peak_rate is None and trace is not None:
        peak_rate = _measured(trace, traces.worst_rate(trace.arrivals_seconds), "peak", "its worst second")
    if peak_rate is None:
        peak_rate = steady_rate
    lasts, every = stated.maybe_amount(peak, "for"), stated.maybe_amount(peak, "every")
    if lasts is not None and every is not None:
        help_ = "say how long one lasts and, behind `every`, the time from one to the next"
        found += ordered(lasts, every, ("one peak", "from one to the next"), "a peak outlasts the next one", help_)
    if peak is not None:
        message = f"the peak of `{clause.values['name'].text}` is below its steady level"
        help_ = "the peak is the highest level; exchange the two"
        below = ordered(steady_rate, peak_rate, ("the steady level", "the peak"), message, help_)
        if below:
            found += below
            return None
    return Demand(
        name=clause.values["name"].text,
        at=clause.head,
        steady_per_second=steady_rate,
        peak_per_second=peak_rate,
        peak_for_seconds=lasts,
        peak_every_seconds=every,
        rise_per_second=_slope(rises),
        priority=stated.priority(clause.child("priority")),
        trace=trace,
    )


def _slope(clause: Clause | None) -> Stated[Fraction] | None:
    if clause is None:
        return None
    rate = stated.amount(clause, "rate")
    return Stated(rate.value / clause.values["window"].amount, rate.span, rate.clause)


def _trace(clause: Clause | None, text: str | None, found: list[Diagnostic]) -> Trace | None:
    if clause is None:
        return None
    path = stated.word(clause, "path")
    speed = stated.maybe_amount(clause, "speed") or Stated(Fraction(1), clause.head, stated.text_of(clause))
    if text is None:
        found.append(
            Diagnostic(
                "ST1020",
                Severity.ERROR,
                f"the trace `{path.value}` cannot be read",
                (Label(path.span),),
                help="the path counts from the folder of the spec; a trace is a regular CSV file with times",
            )
        )
        return None
    column = clause.get("column")
    read = traces.arrivals(text, column.text if column else None, speed.value, path.span, path.value)
    if isinstance(read, Diagnostic):
        found.append(read)
        return None
    return Trace(path, speed, read)


def _measured(trace: Trace, rate: Fraction, level: str, what: str) -> Stated[Fraction]:
    clause = f"{level} {float(rate):,.6g}/s"
    return Stated(rate, trace.path.span, clause, f"read from the trace {trace.path.value}: {what}")


def dependency(clause: Clause, found: list[Diagnostic]) -> Dependency:
    requests: Stated[Fraction] | None = None
    tokens: Stated[Fraction] | None = None
    periods = {"requests": 60, "tokens": 60}
    limit = clause.child("limit")
    for row in limit.groups["limits"] if limit is not None else ():
        what, per = row["what"].text.split("/")
        rate = stated.in_row(limit, row, "amount") if limit is not None else None
        if rate is None:
            continue
        periods[what] = _PER_SECONDS[per]
        rate = Stated(rate.value / periods[what], rate.span, rate.clause)
        if what == "requests":
            requests = rate
        else:
            tokens = rate
    points: dict[Fraction, Stated[Fraction]] = {}
    latency = clause.child("latency")
    for row in latency.groups["points"] if latency is not None else ():
        quantile = row["quantile"]
        if quantile.amount not in (Fraction(1, 2), Fraction(99, 100)) and latency is not None:
            found.append(
                Diagnostic(
                    "ST1104",
                    Severity.ERROR,
                    f"the latency of a dependency is given by p50 and p99, not by {quantile.text}",
                    (Label(quantile.span),),
                    help="write latency p50 80ms, p99 400ms",
                )
            )
        elif latency is not None:
            points[quantile.amount] = stated.in_row(latency, row, "latency")
    p50, p99 = points.get(Fraction(1, 2)), points.get(Fraction(99, 100))
    spread(p50, p99, "p50", found)
    price = clause.child("price")
    per_token: Stated[Fraction] | None = None
    if price is not None:
        dollars = stated.amount(price, "price")
        per_token = Stated(dollars.value / price.values["amount"].amount, dollars.span, dollars.clause)
    return Dependency(
        name=clause.values["name"].text,
        at=clause.head,
        requests_per_second=requests,
        tokens_per_second=tokens,
        connections=stated.maybe_whole(clause.child("connections"), "connections"),
        memory_bytes=stated.maybe_whole(clause.child("memory"), "memory"),
        latency_p50_seconds=p50,
        latency_p99_seconds=p99,
        dollars_per_token=per_token,
        retry_after_seconds=stated.maybe_amount(clause.child("refused"), "wait"),
        requests_period_seconds=periods["requests"],
        tokens_period_seconds=periods["tokens"],
    )


def spread(low: Stated[Fraction] | None, tail: Stated[Fraction] | None, name: str, found: list[Diagnostic]) -> None:
    """A p99 that is below the middle of its own distribution is a slip of the pen."""
    if low is not None and tail is not None:
        help_ = "99 of 100 lie below p99; exchange the two"
        found += ordered(low, tail, (name, "p99"), f"p99 is below {name}", help_)


def _must(clause: Clause, slot: str) -> Clause:
    """A clause that the registry demands; its absence was reported, and then nothing is resolved."""
    child = clause.child(slot)
    assert child is not None, slot
    return child
