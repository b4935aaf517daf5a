"""Objectives to recording rules and burn-rate alerts.

Turns each latency and success objective into the share of requests that break it, over every window an alert needs,
and the alerts themselves. Invariant: an objective is measured where it is promised, at the gateway of its demand, and
its alerts are those of `semantics.burn_rate`, which can all fire.

Source: as in `semantics.burn_rate`. A latency objective "p95 below T" is that at least 95 % of requests are faster than
T, so its error budget is 5 % of the requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from seatrial.compiler.plan import Plan
from seatrial.compiler.semantics.burn_rate import MONTH_S, BurnAlert, burn_alerts, left_out
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity
from seatrial.dsl.source import Span

from ..base import Object
from . import series
from .rules import alert, record

ERRORS = "slo:sli_error:ratio_rate"
"""The name of the share of bad requests, followed by its window; the prefix that generators of such rules share."""

LEFT = "slo:error_budget_remaining:ratio"


@dataclass(frozen=True, slots=True)
class Sli:
    """One objective as a share of good requests over a period; `bad` gives the share of bad ones over a window."""

    guarantee: str
    demand: str
    objective: Fraction
    period_seconds: Fraction
    told: str
    bad: Callable[[int], str]
    origin: Span

    @property
    def alerts(self) -> tuple[BurnAlert, ...]:
        return burn_alerts(self.objective, self.period_seconds)

    @property
    def labels(self) -> dict[str, str]:
        return {"objective": self.guarantee, "demand": self.demand}


def slis(plan: Plan) -> Iterator[Sli]:
    for latency in plan.latency:
        every = series.incoming(plan, latency.demand)
        fast = series.incoming(plan, latency.demand, series.faster_than(latency.below_seconds))
        yield Sli(
            latency.guarantee,
            latency.demand,
            latency.quantile,
            Fraction(MONTH_S),
            f"{_percent(latency.quantile)} of {latency.demand} within {series.literal(latency.below_seconds)} s",
            lambda over, every=every, fast=fast: series.slow_share(every, fast, over),  # type: ignore[misc]
            latency.origin,
        )
    for success in plan.success:
        yield Sli(
            success.guarantee,
            success.demand,
            success.share,
            success.over_seconds,
            f"{_percent(success.share)} of {success.demand} answered without failure",
            lambda over, demand=success.demand: series.failed_share(plan, demand, over),  # type: ignore[misc]
            success.origin,
        )


def recordings(plan: Plan) -> Iterator[Object]:
    """The share of bad requests over every window, and what is left of the error budget over the period."""
    for sli in slis(plan):
        windows = sorted({seconds for one in sli.alerts for seconds in (one.long_seconds, one.short_seconds)})
        for seconds in windows:
            yield record(plan, ERRORS + series.window(seconds), sli.bad(seconds), **sli.labels)
        budget = series.literal(1 - sli.objective)
        spent = sli.bad(int(sli.period_seconds))
        yield record(plan, LEFT, f"1 - ({spent}) / {budget}" if sli.objective < 1 else f"1 - ({spent})", **sli.labels)


def alerts(plan: Plan) -> Iterator[Object]:
    for sli in slis(plan):
        for one in sli.alerts:
            yield alert(
                plan,
                "ErrorBudgetBurn",
                _burning(plan, sli, one),
                str(one.urgency),
                f"{sli.told}: the error budget burns {series.literal(one.rate)} times too fast",
                f"Over the last {series.window(one.long_seconds)} and the last {series.window(one.short_seconds)} more "
                f"than {_percent(one.rate * (1 - sli.objective))} of the requests broke the guarantee "
                f"{sli.guarantee}; {_percent(1 - sli.objective)} may.",
                long_window=series.window(one.long_seconds),
                **sli.labels,
            )
    for demand in sorted({sli.demand for sli in slis(plan)}):
        yield alert(
            plan,
            "ObjectiveNotMeasured",
            f"absent(istio_requests_total{series.incoming(plan, demand)})",
            "ticket",
            f"no request of {demand} is measured, so its objectives are not judged",
            f"The gateway's Deployment must be named {demand} and be scraped by Prometheus.",
            lasts="30m",
            demand=demand,
        )


def unalerted(plan: Plan) -> Iterator[Diagnostic]:
    """Objectives so low, or over so short a time, that no page could ever fire."""
    for sli in slis(plan):
        if left_out(sli.objective, sli.period_seconds):
            kept = ", ".join(f"{series.literal(one.rate)} times" for one in sli.alerts)
            yield Diagnostic(
                "ST7061",
                Severity.NOTE,
                f"prometheus: nobody is woken for {sli.guarantee}",
                (Label(sli.origin),),
                notes=(
                    f"{_percent(1 - sli.objective)} of the requests may break it over "
                    f"{series.window(int(sli.period_seconds))}: a page could never fire, or has no window to look at",
                    f"alerts that can wait stand at {kept}" if kept else "no burn rate above 1 can be told in time",
                ),
            )


def _burning(plan: Plan, sli: Sli, one: BurnAlert) -> str:
    matching = ",".join(f"{name}={series.text(value)}" for name, value in {"fleet": plan.fleet, **sli.labels}.items())
    threshold = series.literal(one.rate * (1 - sli.objective))
    parts = (
        f"{ERRORS}{series.window(seconds)}{{{matching}}} > {threshold}"
        for seconds in (one.long_seconds, one.short_seconds)
    )
    return " and ".join(parts)


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):.6g} %"
