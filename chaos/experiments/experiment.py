"""The Chaos Toolkit experiment of a trial.

Turns a plan's trial and a seed into the experiment document (Open Chaos experiment format,
https://chaostoolkit.org/reference/api/experiment/). Invariant: the same plan, trial and seed give the same document,
with no path or clock of a machine in it: the run folder comes in as the configuration value `run_dir`, taken from the
environment variable SEATRIAL_RUN_DIR.

Time is kept by `wait_until` steps on the trial's own clock and not by pauses: pauses add up the time that each action
took, and the faults would drift away from the load.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from seatrial.compiler.plan import Plan
from seatrial.compiler.plan_trials import FaultPlan, TrialPlan

from .steps import Phase, Step, describe, occurrences, steps

RUN_DIR_VARIABLE = "SEATRIAL_RUN_DIR"

STEADY_SHARE = 0.9
"""Requests that must succeed for the fleet to count as healthy at all, before the faults and after them.

Not an objective: it tells a fleet that works from one that does not, with the few requests of some seconds. The
objectives are judged over the whole trial, from the request log.
"""

STEADY_SECONDS = 5
_FAULTS = "seatrial.chaos.faults"
_OWN = "seatrial.chaos.experiments"


def experiment(plan: Plan, trial: TrialPlan, seed: int) -> dict[str, Any]:
    """The experiment document. The seed decides which agents are hit, differently at each occurrence."""
    method: list[dict[str, Any]] = []
    for step in steps(trial):
        method.append(_wait(step.at_seconds))
        method.append(_action(trial, step, seed))
    method.append(_wait(trial.duration_seconds))
    return {
        "version": "1.0.0",
        "title": f"{plan.fleet}: trial {trial.name}",
        "description": f"The faults of trial {trial.name} of fleet {plan.fleet}, at 1:{float(1 / trial.scale):g}.",
        "tags": ["seatrial", plan.fleet, trial.name],
        "configuration": {"run_dir": {"type": "env", "key": RUN_DIR_VARIABLE, "default": "."}},
        "steady-state-hypothesis": {
            "title": "the fleet can be reached and answers",
            "probes": _probes(trial),
        },
        "method": method,
        "rollbacks": [_python("action", "undo every fault", f"{_FAULTS}.undo", "undo_all", {})],
    }


def baseline_seconds(trial: TrialPlan) -> Fraction:
    """When the hypothesis is first looked at: as late as `STEADY_SECONDS`, and before the first fault.

    Looked at before any load it would hold of every fleet.
    """
    first = min((one.start_seconds for one in occurrences(trial)), default=trial.duration_seconds)
    return min(Fraction(STEADY_SECONDS), first / 2, trial.duration_seconds / 2)


def _probes(trial: TrialPlan) -> list[dict[str, Any]]:
    baseline = float(baseline_seconds(trial))
    reached = _python("probe", "the load is flowing", f"{_OWN}.clock", "wait_until", {"at_seconds": baseline})
    entry = _python("probe", "the entry accepts connections", f"{_OWN}.probes", "entry_reachable", {})
    probes = [{**reached, "tolerance": {"type": "range", "range": [0, 86400]}}, {**entry, "tolerance": True}]
    # A fault that lasts to the end would still be in the window of the look afterwards, and rightly so.
    quiet = trial.duration_seconds - STEADY_SECONDS
    if all(one.end_seconds is None or one.end_seconds <= quiet for one in occurrences(trial)):
        for load in trial.loads:
            share = _python(
                "probe",
                f"requests of {load.demand} succeed",
                f"{_OWN}.probes",
                "success_share",
                {"demand": load.demand, "over_seconds": STEADY_SECONDS},
            )
            probes.append({**share, "tolerance": {"type": "range", "range": [STEADY_SHARE, 1]}})
    return probes


def _action(trial: TrialPlan, step: Step, seed: int) -> dict[str, Any]:
    fault = trial.faults[step.fault]
    module, inject, undo = {
        "kill": ("kill", "kill_agents", ""),
        "hang": ("hang", "hang_agents", "resume_agents"),
        "delay": ("delay", "delay_call", "undo_delay"),
        "abort": ("abort", "abort_call", "undo_abort"),
        "saturate": ("saturate", "saturate_cpu", "release_cpu"),
        "partition": ("partition", "partition_calls", "undo_partition"),
    }[fault.kind]
    name = f"{describe(fault)} (fault {step.fault}, occurrence {step.occurrence})"
    if step.phase is Phase.UNDO:
        return _python("action", f"undo {name}", f"{_FAULTS}.{module}", undo, {"fault": step.fault})
    own = random.Random(f"{seed}/{step.fault}/{step.occurrence}").getrandbits(31)
    arguments = {"fault": step.fault, **_arguments(fault, own)}
    return _python("action", name, f"{_FAULTS}.{module}", inject, arguments)


def _arguments(fault: FaultPlan, seed: int) -> dict[str, Any]:
    # A share goes as text, "1/10": a tenth of 30 agents is 3, and the nearest double's is 4.
    share = None if fault.share is None else str(fault.share)
    match fault.kind:
        case "kill" | "hang":
            which = {"share": share} if fault.count is None else {"count": fault.count}
            return {"pool": fault.pool, "seed": seed, **which}
        case "delay":
            return {"call": _call(fault), "delay_seconds": float(fault.delay_seconds or 0), "share": share or "1"}
        case "saturate":
            return {"pool": fault.pool, "share": share or "1"}
        case "partition":
            return {"calls": list(fault.calls)}
        case _:
            return {"call": _call(fault), "share": share or "1"}


def _call(fault: FaultPlan) -> str:
    return f"{fault.caller}--{fault.callee}"


def _wait(at: Fraction) -> dict[str, Any]:
    return _python("action", f"wait until {float(at):g} s", f"{_OWN}.clock", "wait_until", {"at_seconds": float(at)})


def _python(kind: str, name: str, module: str, func: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": kind,
        "name": name,
        "provider": {
            "type": "python",
            "module": module,
            "func": func,
            "arguments": {"run_dir": "${run_dir}", **arguments},
        },
    }
