"""One dashboard for the fleet.

Turns the plan into a Grafana dashboard: what was promised, what was assumed and what there is, side by side with the
bounds that the spec states. Invariant: no panel for what the plan does not have; ids and places follow from the order.

Source: Grafana, "Dashboard JSON model" (schemaVersion 39, as Grafana 11 writes it; newer ones read it).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from seatrial.compiler.plan import Plan

from ..base import Json, Object
from ..names import dependency_host
from . import crises, envelope, objectives, series

_SOURCE: Object = {"type": "prometheus", "uid": "${source}"}
_WIDTH, _HEIGHT = 12, 8
_OVER_S = 300


@dataclass(frozen=True, slots=True)
class Panel:
    """`bound`: a line at what the spec states."""

    title: str
    lines: tuple[tuple[str, str], ...]
    unit: str
    bound: Fraction | None = None


def dashboard(plan: Plan) -> Object:
    panels: list[Json] = [_panel(index, one) for index, one in enumerate(_panels(plan))]
    variable: Object = {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    return {
        "uid": f"seatrial-{plan.fleet}"[:40],
        "title": plan.title or plan.fleet,
        "description": f"Made by seatrial {plan.version} from the spec of fleet {plan.fleet}, sha256 {plan.digest}.",
        "tags": ["seatrial", plan.fleet],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [variable]},
        "panels": panels,
    }


def _panels(plan: Plan) -> list[Panel]:
    found: list[Panel] = []
    if list(objectives.slis(plan)):
        left = f"{objectives.LEFT}{{fleet={series.text(plan.fleet)}}}"
        found.append(Panel("Error budget left", ((left, "{{objective}}"),), "percentunit", Fraction(0)))
    for demand in plan.demands:
        labels = series.incoming(plan, demand.name)
        rate = ((series.requests(labels, _OVER_S), "requests"),)
        found.append(Panel(f"{demand.name}: requests, proved up to the line", rate, "reqps", demand.peak_per_second))
        mine = [one for one in plan.latency if one.demand == demand.name]
        for one in mine:
            name = f"p{float(one.quantile * 100):g}"
            line = ((series.quantile(one.quantile, labels, _OVER_S), name),)
            found.append(Panel(f"{demand.name}: {name}", line, "s", one.below_seconds))
        for success in plan.success:
            if success.demand == demand.name:
                line = ((series.failed_share(plan, demand.name, _OVER_S), "failed"),)
                found.append(Panel(f"{demand.name}: failed", line, "percentunit", 1 - success.share))
    for pool in plan.pools:
        lines = ((series.replicas(plan, pool.name), "agents"), (series.available(plan, pool.name), "ready"))
        found.append(Panel(f"{pool.name}: agents, at most the line", lines, "short", Fraction(pool.agents_max)))
    for dependency in plan.dependencies:
        if dependency.name in envelope.called(plan):
            labels = series.outgoing(plan, dependency_host(dependency.name))
            line = ((series.requests(labels, _OVER_S), "requests"),)
            found.append(Panel(f"{dependency.name}: requests", line, "reqps", dependency.requests_per_second))
    if any(pool.dollars_per_hour is not None for pool in plan.pools):
        line = ((f"{envelope.SPEND}{{fleet={series.text(plan.fleet)}}}", "agents"),)
        found.append(Panel("Dollars an hour for agents", line, "currencyUSD"))
    if plan.crises:
        line = ((f"{crises.COUNT}{{fleet={series.text(plan.fleet)}}}", "{{crisis}}"),)
        found.append(Panel("Crisis signals at once", line, "short"))
    return found


def _panel(index: int, panel: Panel) -> Object:
    targets: list[Json] = [
        {"refId": chr(ord("A") + at), "datasource": _SOURCE, "expr": expression, "legendFormat": legend}
        for at, (expression, legend) in enumerate(panel.lines)
    ]
    steps: list[Json] = [{"color": "green", "value": None}]
    custom: Object = {"fillOpacity": 5, "lineWidth": 2}
    if panel.bound is not None:
        steps.append({"color": "red", "value": float(panel.bound)})
        custom["thresholdsStyle"] = {"mode": "line"}
    return {
        "id": index + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": _SOURCE,
        "gridPos": {"h": _HEIGHT, "w": _WIDTH, "x": index % 2 * _WIDTH, "y": index // 2 * _HEIGHT},
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                "custom": custom,
                "thresholds": {"mode": "absolute", "steps": steps},
            },
            "overrides": [],
        },
        "targets": targets,
    }
