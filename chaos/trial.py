"""A compiled fleet and a trial -> evidence: the fleet is started, loaded, disturbed and stopped on this machine.

Invariant: whatever happens, a signal included, no process that was started is left and every fault that was injected
is undone; and what is judged is only what stands in the run folder.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from seatrial.compiler.model import CallerKind
from seatrial.compiler.plan import Plan
from seatrial.compiler.plan_trials import BacklogPlan, LoadPlan, TrialPlan

from .evidence import EXPERIMENT, LOAD
from .experiments.experiment import experiment
from .load import document as load_document
from .load.schedule import due_times
from .local.envoy import Unavailable
from .local.fleet import LocalFleet
from .local.scale import LocalSize
from .local.tether import Child, Tether, TetherUnavailable
from .progress import Progress, Watcher

LEAD_SECONDS = 2.0
"""From the ready fleet to the first request: the generator's own start must not make it late."""

PATIENCE_SECONDS = 30.0
"""After the last request was due and its timeout has passed, how long the children may take to end."""

UNBOUNDED_SECONDS = 30.0
"""How long a request is waited for where the spec gives no timeout."""

_MARGIN_SECONDS = 1.0
"""The fleet's own timeout must be seen to act before the generator gives up."""


@dataclass(frozen=True, slots=True)
class Run:
    """What was run: where, at which size, and how long the fleet took to start."""

    folder: Path
    size: LocalSize
    start_seconds: float


def run_trial(
    plan: Plan,
    trial: TrialPlan,
    compiled: Path,
    folder: Path,
    seed: int,
    tell: Callable[[Progress], None],
) -> Run | Unavailable:
    """Runs a trial to its end; `folder` then holds all evidence. Says why where the fleet cannot run here.

    `compiled` is the folder of emitted files, the only thing that the fleet is made from. `tell` is called about once
    a second. KeyboardInterrupt passes through, after everything was stopped and undone.
    """
    try:
        return asyncio.run(_run(plan, trial, compiled, folder, seed, tell))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _run(
    plan: Plan, trial: TrialPlan, compiled: Path, folder: Path, seed: int, tell: Callable[[Progress], None]
) -> Run | Unavailable:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Ends like Ctrl-C does: in order, with the faults undone.
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        tether = Tether(folder)
    except TetherUnavailable as error:
        return Unavailable(str(error))
    try:
        began = time.monotonic()
        fleet = LocalFleet.prepare(
            folder,
            compiled,
            tether,
            scale=trial.scale,
            seed=seed,
            origin=began,
            initial_per_second={load.demand: _initial_rate(load, plan) for load in trial.loads},
        )
        if isinstance(fleet, Unavailable):
            return fleet
        tell(Progress("starting the fleet"))
        failure = await fleet.start()
        if failure is not None:
            return failure
        try:
            return await _try(plan, trial, fleet, tether, folder, seed, began, tell)
        finally:
            await fleet.stop()
    finally:
        await tether.close()


async def _try(
    plan: Plan,
    trial: TrialPlan,
    fleet: LocalFleet,
    tether: Tether,
    folder: Path,
    seed: int,
    began: float,
    tell: Callable[[Progress], None],
) -> Run | Unavailable:
    started = time.monotonic() - began
    origin = time.monotonic() + LEAD_SECONDS
    fleet.begin(origin)
    load = _load(plan, trial, fleet, origin, seed)
    (folder / LOAD).write_text(load_document.render(load), encoding="utf-8")
    (folder / EXPERIMENT).write_text(json.dumps(experiment(plan, trial, seed), indent=2) + "\n", encoding="utf-8")
    with (folder / "generator.log").open("wb") as generator_log, (folder / "experiment.log").open("wb") as chaos_log:
        generator = tether.spawn("generator", load_document.command(folder), cwd=folder, output=generator_log)
        chaos = tether.spawn("experiment", _chaos_command(folder), cwd=folder, output=chaos_log)
        await _wait(trial, fleet, folder, origin, load.timeout_seconds, (generator, chaos), tell)
    return Run(folder, fleet.size, started)


async def _wait(
    trial: TrialPlan,
    fleet: LocalFleet,
    folder: Path,
    origin: float,
    timeout: float,
    children: tuple[Child, ...],
    tell: Callable[[Progress], None],
) -> None:
    """Until both children have ended by themselves, or their time is up: then they are stopped, and evidence lacks."""
    duration = float(trial.duration_seconds)
    watcher = Watcher(folder, duration)
    end = origin + duration + timeout + PATIENCE_SECONDS
    while any(child.returncode is None for child in children) and time.monotonic() < end:
        tell(watcher.look(time.monotonic() - origin, fleet))
        await asyncio.sleep(0.5)
    for child in children:
        if child.returncode is None:
            await child.stop(5.0)
    tell(watcher.look(time.monotonic() - origin, fleet))


def _load(plan: Plan, trial: TrialPlan, fleet: LocalFleet, origin: float, seed: int) -> load_document.Load:
    demands = {demand.name: demand for demand in plan.demands}
    entries = {call.caller: call for call in plan.calls if call.caller in demands}
    loads = tuple(
        load_document.DemandLoad(
            name=load.demand,
            url=f"http://127.0.0.1:{fleet.listeners[entries[load.demand].name]}/",
            priority=demands[load.demand].priority,
            due=due_times(load, demands[load.demand], trial, seed),
        )
        for load in trial.loads
    )
    timeouts = [entries[load.demand].timeout_seconds for load in trial.loads]
    longest = max((float(one) + _MARGIN_SECONDS if one else UNBOUNDED_SECONDS for one in timeouts), default=0.0)
    backlogs = tuple(_backlog(backlog, plan, trial, fleet) for backlog in trial.backlogs)
    return load_document.Load(origin, loads, longest, seed, backlogs, float(trial.duration_seconds))


def _backlog(backlog: BacklogPlan, plan: Plan, trial: TrialPlan, fleet: LocalFleet) -> load_document.BacklogLoad:
    """Its tasks come in where the requests of the pool's demand do, as many at a time as the pool has slots."""
    pool = plan.pool(backlog.pool)
    entry = next(call for call in plan.calls if call.callee == backlog.pool and call.caller_kind is CallerKind.DEMAND)
    return load_document.BacklogLoad(
        name=backlog.logged,
        url=f"http://127.0.0.1:{fleet.listeners[entry.name]}/",
        priority=pool.priority,
        tasks=backlog.tasks_at(trial.scale),
        workers=fleet.size.pool(backlog.pool).agents_max * pool.concurrency,
    )


def _initial_rate(load: LoadPlan, plan: Plan) -> Fraction:
    """The demand's rate at the trial's start, at full size: for a replay its mean."""
    if load.points:
        return load.points[0].per_second
    return next(demand.steady_per_second for demand in plan.demands if demand.name == load.demand)


def _chaos_command(folder: Path) -> tuple[str, ...]:
    return (sys.executable, "-m", "seatrial.chaos.experiments.run", str(folder.resolve()))
