"""Routes of the alerts.

Turns nothing but the fleet's name into a configuration for Alertmanager: pages at once, tickets gathered, and what is
known already kept quiet. Invariant: receivers have names and no addresses, for a spec names nobody.

Source: Alertmanager, "Configuration" (route, inhibit_rules).
"""

from __future__ import annotations

from seatrial.compiler.plan import Plan

from ..base import Object
from . import series


def alertmanager(plan: Plan) -> Object:
    mine = f"fleet={series.text(plan.fleet)}"
    return {
        "route": {
            "receiver": "ticket",
            "group_by": ["fleet", "alertname"],
            "routes": [
                {
                    "matchers": [mine, 'severity="page"'],
                    "receiver": "page",
                    "group_by": ["fleet", "alertname", "objective"],
                    "group_wait": "10s",
                    "group_interval": "1m",
                    "repeat_interval": "1h",
                },
                {
                    "matchers": [mine, 'severity="ticket"'],
                    "receiver": "ticket",
                    "group_wait": "5m",
                    "group_interval": "30m",
                    "repeat_interval": "3d",
                },
            ],
        },
        "inhibit_rules": [
            {
                # Whoever was woken for an objective needs no ticket about it as well.
                "source_matchers": [mine, 'alertname="ErrorBudgetBurn"', 'severity="page"'],
                "target_matchers": [mine, 'alertname="ErrorBudgetBurn"', 'severity="ticket"'],
                "equal": ["objective"],
            },
        ],
        "receivers": [{"name": "page"}, {"name": "ticket"}],
    }
