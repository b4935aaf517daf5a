"""Which curves the report shows.

Turns a plan, a trial and its evidence into titled drawings, each with a legend and a table of its values. Invariant: a
figure appears only when there is evidence for it, and each drawing has a sentence that says what it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seatrial.compiler.plan import Plan
from seatrial.compiler.plan_trials import TrialPlan

from ..evidence import EjectionEvent, Evidence, ReplicasEvent
from ..verdict import wording
from . import chart
from .chart import Chart, Curve, Limit, Mark
from .series import Bin, Span, bins, ejection_spans, fault_spans, replica_steps


@dataclass(frozen=True, slots=True)
class Figure:
    """`legend` are (style, name); `head` and `table` are the values behind the drawing."""

    key: str
    title: str
    svg: str
    legend: Sequence[tuple[str, str]] = ()
    note: str = ""
    head: Sequence[str] = ()
    table: Sequence[Sequence[str]] = ()
    small: bool = False


def figures(plan: Plan, trial: TrialPlan, evidence: Evidence) -> list[Figure]:
    """The figures in reading order: faults, then latency, success and rate for each demand, replicas, ejections."""
    duration = float(trial.duration_seconds)
    spans = fault_spans(trial, evidence.faults)
    marks = [_mark(span) for span in spans]
    found = [_faults(spans, duration)] if spans else []
    for load in trial.loads:
        requests = evidence.of(load.demand)
        if requests:
            curve = bins(requests, duration)
            found.append(_latency(plan, load.demand, curve, marks, duration))
            found.append(_success(plan, load.demand, curve, marks, duration))
            found.append(_rate(load.demand, curve, marks, duration))
    replicas = [event for event in evidence.events if isinstance(event, ReplicasEvent)]
    for pool, points in replica_steps(replicas, duration).items():
        found.append(_replicas(pool, points, marks, duration))
    ejections = ejection_spans([event for event in evidence.events if isinstance(event, EjectionEvent)], duration)
    return [*found, _ejections(ejections, duration)] if ejections else found


def _mark(span: Span) -> Mark:
    when = f"{span.start:.1f} s" if span.start == span.end else f"{span.start:.1f} s to {span.end:.1f} s"
    return Mark(str(span.row + 1), f"{span.row + 1}: {span.label}, {when}", span.start, span.end)


def _faults(spans: Sequence[Span], duration: float) -> Figure:
    rows = []
    for index in sorted({span.row for span in spans}):
        own = [span for span in spans if span.row == index]
        rows.append((f"{index + 1}  {own[0].label}", [_mark(span) for span in own]))
    table = [(str(span.row + 1), span.label, f"{span.start:.1f}", f"{span.end:.1f}") for span in spans]
    summary = "; ".join(_mark(span).title for span in spans)
    svg = chart.lanes("faults", "Faults over time", summary, duration, rows)
    note = "When each fault was there, from what the fault actions recorded. The numbers return above the curves below."
    return Figure("faults", "Faults", svg, (), note, ("No.", "Fault", "From, s", "To, s"), table)


def _latency(plan: Plan, demand: str, curve: Sequence[Bin], marks: Sequence[Mark], duration: float) -> Figure:
    limits = [
        Limit(f"{wording.percentile(own.quantile)} < {wording.seconds(own.below_seconds)}", float(own.below_seconds))
        for own in plan.latency
        if own.demand == demand
    ]
    curves = [
        Curve("p50", "one", [(one.middle, one.p50) for one in curve]),
        Curve("p95", "two", [(one.middle, one.p95) for one in curve]),
        Curve("p99", "three", [(one.middle, one.p99) for one in curve]),
    ]
    worst = max((one for one in curve if one.p99 is not None), key=lambda one: one.p99 or 0, default=None)
    width = wording.seconds(curve[0].end - curve[0].start)
    at_worst = f" The highest p99 is {wording.seconds(worst.p99 or 0)}, at {worst.start:g} s." if worst else ""
    title = f"Latency of {demand}"
    drawn = chart.draw(
        Chart(
            f"latency-{demand}", title, f"Quantiles of each {width} on a logarithmic axis.{at_worst}", duration, curves,
            chart.axis_seconds, limits, marks, logarithmic=True,
        )
    )  # fmt: skip
    table = [(f"{one.start:g}", _time(one.p50), _time(one.p95), _time(one.p99)) for one in curve]
    note = (
        f"Of answered requests, from when each was due, by {width} of due time. Failed requests are in the next figure."
    )
    legend = [("one", "p50"), ("two", "p95"), ("three", "p99"), *([("limit", "objective")] if limits else [])]
    return Figure(f"latency-{demand}", title, drawn, legend, note, ("From, s", "p50", "p95", "p99"), table)


def _success(plan: Plan, demand: str, curve: Sequence[Bin], marks: Sequence[Mark], duration: float) -> Figure:
    own = [objective for objective in plan.success if objective.demand == demand]
    limits = [Limit(f"at least {wording.share(one.share)}", float(one.share)) for one in own]
    shares = [one.success for one in curve if one.success is not None]
    lowest = min([*shares, *(limit.value for limit in limits)], default=1.0)
    # The axis begins a little below the lowest value, so that a dip of one per cent does not vanish.
    floor = max(0.0, 1 - max((1 - lowest) * 1.25, 0.002))
    title = f"Success of {demand}"
    curves = [Curve("succeeded", "good", [(one.middle, one.success) for one in curve])]
    summary = f"Share of requests that succeeded; the lowest is {wording.share(min(shares, default=1.0))}."
    drawn = chart.draw(
        Chart(
            f"success-{demand}", title, summary, duration, curves, chart.axis_share, limits, marks, floor=floor,
            ceiling=1.0, height=190,
        )
    )  # fmt: skip
    table = [(f"{one.start:g}", str(one.due), str(one.due - one.ok)) for one in curve]
    legend = [("good", "share of requests that succeeded"), *([("limit", "objective")] if limits else [])]
    note = "The objective is for the whole trial: a dip below its line is not yet a failure." if limits else ""
    return Figure(f"success-{demand}", title, drawn, legend, note, ("From, s", "Requests", "Failed"), table)


def _rate(demand: str, curve: Sequence[Bin], marks: Sequence[Mark], duration: float) -> Figure:
    title = f"Load of {demand}"
    curves = [
        Curve("offered", "quiet", [(one.middle, one.offered_per_second) for one in curve]),
        Curve("served", "one", [(one.middle, one.served_per_second) for one in curve]),
    ]
    highest = max(one.offered_per_second for one in curve)
    summary = f"Requests per second that were due and that succeeded; at most {highest:.0f} were due."
    drawn = chart.draw(
        Chart(f"rate-{demand}", title, summary, duration, curves, _per_second, marks=marks, height=190)
    )  # fmt: skip
    table = [(f"{one.start:g}", f"{one.offered_per_second:.1f}", f"{one.served_per_second:.1f}") for one in curve]
    legend = [("quiet", "due"), ("one", "succeeded")]
    note = "Requests per second, by due time. The generator keeps its schedule whether or not the fleet answers."
    return Figure(f"rate-{demand}", title, drawn, legend, note, ("From, s", "Due /s", "Succeeded /s"), table)


def _replicas(pool: str, points: Sequence[tuple[float, int, int]], marks: Sequence[Mark], duration: float) -> Figure:
    title = f"Agents of {pool}"
    curves = [
        Curve("wanted", "wanted", [(at, wanted) for at, wanted, _ in points], steps=True),
        Curve("ready", "one", [(at, ready) for at, _, ready in points], steps=True),
    ]
    ready = [ready for _, _, ready in points]
    summary = f"Wanted and ready agents; ready were {min(ready)} to {max(ready)}."
    drawn = chart.draw(
        Chart(
            f"agents-{pool}", title, summary, duration, curves, chart.axis_count, marks=marks, width=350,
            height=150, whole=True,
        )
    )  # fmt: skip
    table = [(f"{at:.1f}", str(wanted), str(ready)) for at, wanted, ready in points]
    legend = [("wanted", "wanted"), ("one", "ready")]
    return Figure(f"agents-{pool}", title, drawn, legend, "", ("At, s", "Wanted", "Ready"), table, small=True)


def _ejections(spans: Sequence[Span], duration: float) -> Figure:
    calls = list(dict.fromkeys(span.label for span in spans))
    rows = []
    for call in calls:
        own = [span for span in spans if span.label == call]
        rows.append((f"{call}: {wording.count(len(own), 'ejection')}", [_mark(span) for span in own]))
    table = [(span.label, f"{span.start:.1f}", f"{span.end:.1f}") for span in spans]
    summary = f"{wording.count(len(spans), 'ejection')} of hosts by outlier detection."
    svg = chart.lanes("ejections", "Ejections over time", summary, duration, rows)
    note = "Hosts that the proxy took out of a call's load balancing, from when until when."
    return Figure("ejections", "Ejections", svg, (), note, ("Call", "From, s", "To, s"), table)


def _time(value: float | None) -> str:
    return "–" if value is None else wording.seconds(value)


def _per_second(value: float) -> str:
    return f"{value:g}/s"
