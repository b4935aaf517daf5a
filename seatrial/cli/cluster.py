"""A live cluster's objects of one namespace, by `kubectl get`.

Invariant: nothing but `kubectl api-resources` and `kubectl get` is run, so nothing in the cluster is changed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Collection

from seatrial.targets.reading import Manifest

from .manifests import unwrapped
from .refusal import Refused

_SECONDS = 60


def cluster_objects(context: str, namespace: str, kinds: Collection[tuple[str, str]]) -> tuple[Manifest, ...]:
    """All objects of these kinds, (group, kind) each, in the namespace, and those that are in none.

    A kind that the cluster does not know has none. Raises Refused where the cluster does not answer.
    """
    known = _resources(context)
    found: list[Manifest] = []
    spread = [name for key, (name, inside) in known.items() if key in kinds and inside]
    wide = [name for key, (name, inside) in known.items() if key in kinds and not inside]
    for names, scope in ((spread, ("-n", namespace)), (wide, ())):
        if names:
            text = _kubectl(context, "get", ",".join(sorted(names)), *scope, "-o", "json")
            found += unwrapped(json.loads(text), f"context {context}", 1)
    return tuple(found)


def _resources(context: str) -> dict[tuple[str, str], tuple[str, bool]]:
    """By group and kind: what `kubectl get` calls it, and whether it lives in a namespace."""
    known: dict[tuple[str, str], tuple[str, bool]] = {}
    for line in _kubectl(context, "api-resources", "--no-headers", "--verbs=list").splitlines():
        words = line.split()
        if len(words) < 4:
            continue
        name, version, inside, kind = words[0], *words[-3:]
        group = version.rpartition("/")[0]
        known[group, kind] = (f"{name}.{group}" if group else name, inside == "true")
    return known


def _kubectl(context: str, *arguments: str) -> str:
    program = shutil.which("kubectl")
    if program is None:
        raise Refused("a cluster is read by kubectl, and there is none on the path")
    command = [program, "--context", context, f"--request-timeout={_SECONDS}s", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=2 * _SECONDS, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise Refused(f"context {context}: the cluster did not answer within {2 * _SECONDS} s") from None
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise Refused(f"context {context}: kubectl {arguments[0]}: {said[-1] if said else 'failed'}")
    return done.stdout
