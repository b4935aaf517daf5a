"""The emergency stop as a right in the cluster.

Turns `emergency stop by ROLE` into a Role that can bring every agent down and a RoleBinding for the group of that name.
Invariant: it can scale and stop autoscaling, and nothing else: no reading of secrets, no change of what runs.

Source: Kubernetes "Using RBAC Authorization" (`deployments/scale` is a subresource of its own).
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.compiler.plan import Plan

from ..base import Json, Object
from ..names import metadata

NAME = "emergency-stop"


def emergency_stop(plan: Plan) -> Iterator[tuple[str, Object]]:
    """(name of the file, body); nothing where no stop is stated."""
    for stop in plan.stops:
        pools: list[Json] = [pool.name for pool in plan.pools]
        scaled: list[Json] = [pool.name for pool in plan.pools if pool.scaling is not None]
        rules: list[Json] = [
            {
                "apiGroups": ["apps"],
                "resources": ["deployments/scale"],
                "resourceNames": pools,
                "verbs": ["get", "update", "patch"],
            },
        ]
        if scaled:
            # An autoscaler brings agents back from anything but zero, and is removed to be sure.
            rules.append(
                {
                    "apiGroups": ["autoscaling"],
                    "resources": ["horizontalpodautoscalers"],
                    "resourceNames": scaled,
                    "verbs": ["get", "delete"],
                }
            )
        version = "rbac.authorization.k8s.io/v1"
        yield "stop-role", {"apiVersion": version, "kind": "Role", "metadata": metadata(plan, NAME), "rules": rules}
        yield (
            "stop-binding",
            {
                "apiVersion": version,
                "kind": "RoleBinding",
                "metadata": metadata(plan, NAME),
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": NAME},
                "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": stop.role}],
            },
        )
