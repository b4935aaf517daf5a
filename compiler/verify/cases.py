"""A guarantee's id, or a trial and its faults -> the worst case that decided it, in a user's words.

Invariant: it names the case that the obligation's relation was made for; every guarantee has one. Where a bound among
several decided, the obligation says which (`Condition.case`), and what stands here is for the others.
"""

from __future__ import annotations

from collections.abc import Iterable

from seatrial.dsl.source import Span

from ..model import Trial
from .finding import Case

_LARGEST = "the most agents that the bounds allow"
_FEWEST = "the fewest agents that the bounds allow"
_UPDATED = Case(text=f"{_LARGEST}, all pools being updated")
_MOST, _LEAST = Case(text=_LARGEST), Case(text=_FEWEST)
_RETRIED = Case("peak", text="every call retried to the end")
_TIMED = Case(text="each step takes all the time that it may")
_ALL_ASK = Case(text="every tenant asks for as much as it may have")

_BY_KIND = {
    "latency": Case("between", text="the worst level from steady to peak, no fault"),
    "rate": _RETRIED,
    "tokens": _RETRIED,
    "storm": _RETRIED,
    "cold": Case("peak", text="every cache empty"),
    "throughput": Case("peak", text="the stated rate, the other demands at their peaks"),
    "amplification": Case(text="every try fails, along the worst chain"),
    "timeouts": Case(text="every try and every call takes its whole time"),
    "retry-after": Case(text="every try is refused"),
    "connections": _UPDATED,
    "memory": _UPDATED,
    "links": _UPDATED,
    "nodes": _UPDATED,
    "namespace": _UPDATED,
    "agent-memory": Case(text="every slot of an agent in use"),
    "budget": Case(text=f"{_LARGEST}, all the time; tokens through the worst window of the peaks"),
    "cost": Case(text=f"{_LARGEST}, all the time; tokens through the worst window of the peaks"),
    "use": Case(text=f"{_LARGEST}, all the time"),
    "bill": Case(text="the demand as it is stated, a month of 730 hours"),
    "unit-cost": Case(text="the demand as it is stated, a month of 730 hours"),
    "economics": Case("steady", text="every number of agents that the bounds allow"),
    "loss": Case("peak", text="what is to be survived lost"),
    "takeover": Case("peak", text="the whole pool lost"),
    "unanswered": Case("peak", text="the stated share of calls never answered"),
    "backlog": Case("steady", text=f"the whole backlog, {_LARGEST}"),
    "bulkhead": Case(text="one side takes all that it can reach"),
    "calls": Case(text="the calls as they are declared"),
    "admits": Case("peak", text="arrivals that use the burst up"),
    "sheds": Case("peak", text="the callee slower than the bound"),
    "limits": Case("peak", text=_FEWEST),
    "disruption": _LEAST,
    "drain": Case(text="an agent is told to leave as it begins one of the slowest 1 in 100 requests"),
    "health": Case(text="every slot taken by one of the slowest 1 in 100 requests"),
    "starts": Case(text="all agents that fit on one node start at once"),
    "stop": Case(text="an agent that has just begun to drain, and is last to hear of it"),
    "auction": Case(text="the longest course: no deal before the last step"),
    "negotiation": Case(text="no agreement before the last round, each round as long as it may be"),
    "organisation": _MOST,
    "pattern": _MOST,
    "secure": Case("peak", text="every call that a demand leads to"),
    "skill": Case("peak", text=f"{_FEWEST} to have it, the most to serve it"),
    "recovery": Case(text="the declared faults, one at a time"),
}

_BY_PART = {
    ("approval", "time"): Case(text="whoever decides takes all the time stated"),
    ("approval", "load"): Case("peak", text="every request that has to be asked about"),
    ("contract", "price"): Case("steady", text="every slot always in use"),
    ("contract", "deadline"): Case("peak", text="the slowest 1 in 100 answers"),
    ("contract", "pay"): Case("peak", text="every call paid for"),
    ("contract", "exclusion"): Case("peak", text="the agent that gets the most requests"),
    ("crisis", "levels"): Case(text="every sign shows"),
    ("crisis", "signals"): Case(text="the sign as strong as it can be"),
    ("crisis", "quiet"): Case("between", text="no fault"),
    ("crisis", "actions"): Case(text="the actions on the fleet as it is declared"),
    ("crisis", "time"): Case(text="the slowest action"),
    ("degrade", ""): Case("peak", text=f"the degraded answer, {_LARGEST}"),
    ("degrade", "scaling"): Case(text="just as busy as the autoscaler aims at"),
    ("division", "floors"): _MOST,
    ("division", "preemption"): Case(text=f"{_LARGEST}, everyone reduced to the floors"),
    ("division", "pays"): Case(text="an agent that gets no more than its floor"),
    ("division", "ceiling"): Case(text="an agent that runs all the time"),
    ("division", "stop"): Case(text="all slots in use when agents stop"),
    ("division", ""): Case(text="the numbers of agents within the bounds that favour one side most"),
    ("sheds", "rest"): Case("between", text="the worst level from steady to peak, no fault"),
    ("ejection", "min"): _LEAST,
    ("ejection", "max"): _MOST,
    ("push-back", "bounded"): Case(text="more work than is done, for as long as it comes"),
    ("push-back", "timely"): Case("peak", text="the last place in a full queue"),
    ("queue", "age"): Case(text="the last item of the longest queue"),
    ("queue", "shards"): _LEAST,
    ("queue", "alert"): Case(text="the queue as long as it can be"),
    ("quorum", "survives"): Case(text="all tolerated faults strike members"),
    ("quorum", "intersects"): Case(text="the two quorums that share the fewest members"),
    ("quorum", "members"): _LEAST,
    ("quorum", "zone-loss"): Case(text="the zones with the most members go"),
    ("quorum", "node-loss"): Case(text="the nodes with the most members go"),
    ("quorum", "agent-loss"): Case(text="all agents that are lost are members"),
    ("quorum", "disruption"): Case(text=f"as many agents drained as may be, {_FEWEST}"),
    ("quorum", "time"): _TIMED,
    ("quorum", "levels-time"): _TIMED,
    ("quorum", "groups"): Case(text="the yes votes placed where they count most"),
    ("quorum", "confidence"): Case(text="the votes in the groups that favour the minority most"),
    ("quorum", "remember"): Case(text="a decision that takes all its time"),
    ("quorum", "tie"): Case(text=f"all tolerated faults strike those who break ties, {_FEWEST}"),
    ("quota", "limit"): Case(text="every tenant uses all of its quota, and what is under way is charged after it"),
    ("quota", "peak"): Case(text="the worst period of the peaks, every call retried to the end"),
    ("quota", "floors"): _ALL_ASK,
    ("quota", "starvation"): _ALL_ASK,
    ("quota", "envy"): _ALL_ASK,
    ("restart", "one"): Case(text=f"one agent fails, {_FEWEST}"),
    ("restart", "backoff"): Case(text="an agent that failed so often that its pause is the longest"),
    ("restart", ""): Case(text="the declared fault that fails the largest share at once"),
    ("scaling", "target"): Case(text="every agent just at its target"),
    ("scaling", "peak"): Case("peak"),
    ("scaling", "up-within"): Case("between", text="the steepest rise from steady to peak"),
    ("scaling", "growth"): Case("between", text="the steepest rise from steady to peak"),
    ("scaling", "waits"): Case("between", text="the worst course of demand inside the envelope"),
    ("scaling", "rest"): Case("between", text="any level that does not change"),
    ("scaling", "stall"): Case(text="the callee answers nothing until the caller gives up"),
    ("organisation", "decide"): _TIMED,
    ("organisation", "results"): _TIMED,
    ("timeouts", "cut"): Case(text="the slowest 1 in 100 answers"),
}
"""By the kind and the last part of the id; "" for the other parts of that kind."""


def case_of(id: str) -> Case | None:
    kind, _, rest = id.partition("/")
    part = rest.rpartition("/")[2]
    if kind == "capacity":
        return Case(part)
    if id.startswith("nodes/fit/"):
        return Case(text=f"{_LARGEST}, after the {part.replace('-', ' ')}")
    if id.startswith("namespace/agent/"):
        return Case(text="the largest agent of the pool")
    return _BY_PART.get((kind, part)) or _BY_KIND.get(kind) or _BY_PART.get((kind, ""))


def told(case: Case) -> str:
    """At the peak, every call retried to the end; in trial storm: kill 1 agent of p at 8s."""
    level = {"peak": "at the peak", "steady": "at the steady level"}.get(case.demand, "")
    trial = f"in trial {case.trial}: {'; '.join(case.faults)}" if case.trial else ""
    return ", ".join(filter(None, (trial, level, case.text)))


def in_trial(trial: Trial, faults: Iterable[Span], text: str = "") -> Case:
    """The faults as they stand in the spec, each once."""
    told = dict.fromkeys(" ".join(each.text.split()) for each in faults)
    return Case(trial=trial.name, faults=tuple(told), text=text)
