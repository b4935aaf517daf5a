"""Plans turned into documents, files and back, for tests that look at what was emitted."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import yaml

from seatrial.compiler.plan import Plan
from seatrial.targets import USUAL as USUAL
from seatrial.targets import emit_all, render

from . import plans

CASES: dict[str, Callable[[], Plan]] = {"plain": plans.small, "support": plans.support, "locked": plans.locked}

OTHERS = ("kubernetes", "runtime", "dapr", "litellm", "ai-gateway", "agentgateway", "kafka", "gateway-api", "argocd")
"""Targets of runtimes and gateways that not every fleet has, and what they stand beside."""


def files(plan: Plan, names: Collection[str] = USUAL) -> dict[str, bytes]:
    documents, _ = emit_all(plan, names)
    made = {document.path: render(document, plan) for document in documents}
    assert len(made) == len(documents), "two documents share a path"
    return made


def write(plan: Plan, folder: Path, names: Collection[str] = USUAL) -> None:
    for path, content in files(plan, names).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def read(plan: Plan, prefix: str, names: Collection[str] = USUAL) -> dict[str, Any]:
    """The documents under a folder, parsed from their bytes by readers that are not ours."""
    return {
        path: json.loads(content) if path.endswith(".json") else yaml.safe_load(content)
        for path, content in files(plan, names).items()
        if path.startswith(prefix)
    }
