"""The verdict of a trial.

Turns a plan, its trial and the evidence of one run into a `Verdict`. Invariant: pure; the same evidence gives the same
verdict, and no exit code of any process is part of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from seatrial.compiler.plan import Plan
from seatrial.compiler.plan_trials import TrialPlan

from ..evidence import Evidence, Journal
from .doubts import doubts
from .measures import measures
from .objectives import judge_cost, judge_latency, judge_success, unloaded
from .recovery import judge_recovery
from .result import Doubt, Judgement, Outcome, Verdict
from .surprises import surprises
from .throughput import judge_throughput
from .untried import untried

NO_BOUNDS: Mapping[str, Fraction] = {}


def judge(
    plan: Plan,
    trial: TrialPlan,
    evidence: Evidence,
    seed: int,
    bounds: Mapping[str, Fraction] = NO_BOUNDS,
    expected: Mapping[str, Fraction] = NO_BOUNDS,
) -> Verdict:
    """Judges each objective of the plan, the steady state, and the trial.

    `bounds` are the checker's proved bounds by the id of the guarantee, in the objective's unit, for those that the
    plan does not carry; `expected` what its model says at the trial's own size and load, by the same ids.

    An objective is first judged by its own rule, then the doubts about the trial turn a pass that they weaken, or a
    failure that they weaken, into inconclusive. The trial fails when an objective fails, as a failure that stands has
    sound evidence whatever else is in doubt; else it is inconclusive when an objective is, or when nothing was judged
    at all; else it passes. Objectives that the trial does not measure count for nothing.
    """
    duration = float(trial.duration_seconds)
    loaded = {load.demand for load in trial.loads if load.asks}
    judgements: list[Judgement] = []
    for latency in plan.latency:
        own = evidence.of(latency.demand)
        judgements.append(judge_latency(latency, own, duration) if latency.demand in loaded else unloaded(latency))
    for success in plan.success:
        own = evidence.of(success.demand)
        judgements.append(judge_success(success, own, duration) if success.demand in loaded else unloaded(success))
    asked = {name: own for name, own in evidence.by_demand.items() if name in loaded}
    for recovery in plan.recovery:
        judgements.append(judge_recovery(recovery, plan, trial, asked, evidence.faults))
    for goal in plan.containment.throughput:
        judgements.append(judge_throughput(goal, trial, evidence.of(goal.demand)))
    judgements.extend(judge_cost(cost) for cost in plan.cost)
    judgements.append(judge_steady_state(trial, evidence.journal))
    found = doubts(plan, trial, evidence)
    final = tuple(_bounded(doubted(judgement, found), bounds, expected) for judgement in judgements)
    found += (*surprises(plan, evidence, expected), *untried(plan))
    generator = evidence.generator
    return Verdict(
        plan.fleet,
        trial.name,
        outcome(final),
        final,
        found,
        float(trial.scale),
        duration,
        seed,
        plan.digest,
        len(evidence.requests),
        sum(not request.ok for request in evidence.requests),
        None if generator is None else generator.lateness_p99_seconds,
        measures(plan, trial, evidence) if evidence.requests else None,
    )


def judge_steady_state(trial: TrialPlan, journal: Journal | None) -> Judgement:
    """Whether the fleet was recognisably healthy before the faults and after them, by the Chaos Toolkit's hypothesis.

    A fleet that is still out of it when the trial ends fails. Deviations in between are what the faults are for, and
    count through the objectives.
    """
    base = Judgement(
        f"steady-state/{trial.name}",
        "steady-state",
        "the fleet can be reached and answers, before the faults and after them",
        Outcome.INCONCLUSIVE,
        "the experiment did not look at the fleet both before and after",
        at=str(trial.origin),
    )
    if journal is None or journal.before is None or (journal.before and journal.after is None):
        return base
    if not journal.before:
        return replace(base, reason="the fleet was not healthy before the faults")
    if journal.deviated or not journal.after:
        return replace(base, outcome=Outcome.FAIL, reason="the fleet was not healthy again at the end of the trial")
    off = sum(not met for met in journal.during)
    during = f"; out of it {off} of {len(journal.during)} times in between" if journal.during else ""
    return replace(base, outcome=Outcome.PASS, reason=f"healthy before and after{during}")


def doubted(judgement: Judgement, found: Sequence[Doubt]) -> Judgement:
    """The judgement with the doubts taken in: what they weaken becomes inconclusive, and its reason says why."""
    match judgement.outcome:
        case Outcome.PASS:
            against = [doubt for doubt in found if doubt.weakens_pass]
        case Outcome.FAIL:
            against = [doubt for doubt in found if doubt.weakens_fail]
        case _:
            against = []
    if not against:
        return judgement
    more = f" (and {len(against) - 1} more)" if len(against) > 1 else ""
    reason = f"would {judgement.outcome.value} ({judgement.reason}), but {against[0].text}{more}"
    return replace(judgement, outcome=Outcome.INCONCLUSIVE, reason=reason)


def outcome(judgements: Sequence[Judgement]) -> Outcome:
    """Fail before inconclusive before pass; inconclusive when nothing was judged. Never unmeasured."""
    outcomes = {judgement.outcome for judgement in judgements if judgement.kind != "steady-state"}
    everything = {judgement.outcome for judgement in judgements}
    if Outcome.FAIL in everything:
        return Outcome.FAIL
    if Outcome.INCONCLUSIVE in everything or Outcome.PASS not in outcomes:
        return Outcome.INCONCLUSIVE
    return Outcome.PASS


def _bounded(judgement: Judgement, bounds: Mapping[str, Fraction], expected: Mapping[str, Fraction]) -> Judgement:
    proved, model = bounds.get(judgement.id), expected.get(judgement.id)
    if judgement.proved is None and proved is not None:
        judgement = replace(judgement, proved=float(proved))
    return judgement if model is None else replace(judgement, model=float(model))
