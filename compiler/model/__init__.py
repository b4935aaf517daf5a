"""The resolved fleet: names are objects' names that exist, units are normalised, every value knows its place.

Turns what was written into what was meant. Invariant: a `Fleet` is only built when every name resolves and every
quantity has its dimension, so no later stage checks either again.

Units: seconds, requests per second, dollars, dollars per hour, bytes, cores, tokens, shares of 1 (not per cent);
all exact (`Fraction` or `int`).
"""

from __future__ import annotations

from .calls import (
    Admit,
    Break,
    Call,
    CalleeKind,
    CallerKind,
    Limit,
    Policy,
    Retry,
    Route,
    ShedOnFailure,
    ShedOnLatency,
    WarmUp,
)
from .failing import Bulkhead, Degrade, Restarts, Skill
from .fleet import Fleet
from .losses import AgentLoss, Takeover, Unanswered
from .namespace import Namespace
from .pools import Agent, Disruption, Health, Holding, Links, MemoryHolding, Pool, Scaling, Sidecar, Signal
from .promises import (
    AmplificationGuarantee,
    Budget,
    Consensus,
    FaultKind,
    LatencyGuarantee,
    Period,
    RecoveryGuarantee,
    Scope,
    SuccessGuarantee,
    ThroughputGuarantee,
    UseGuarantee,
)
from .queues import QueueOrder, WorkQueue
from .stated import Stated
from .trials import (
    AbortFault,
    Backlog,
    DelayFault,
    Fault,
    HangFault,
    KillFault,
    LoadStep,
    PartitionFault,
    SaturateFault,
    Schedule,
    Trial,
)
from .world import Demand, Dependency, Loss, Nodes, Survive, Trace

__all__ = [
    "AbortFault",
    "Admit",
    "Agent",
    "AgentLoss",
    "AmplificationGuarantee",
    "Backlog",
    "Break",
    "Budget",
    "Bulkhead",
    "Call",
    "CalleeKind",
    "CallerKind",
    "Consensus",
    "Degrade",
    "DelayFault",
    "Demand",
    "Dependency",
    "Disruption",
    "Fault",
    "FaultKind",
    "Fleet",
    "HangFault",
    "Health",
    "Holding",
    "KillFault",
    "LatencyGuarantee",
    "Limit",
    "Links",
    "LoadStep",
    "Loss",
    "MemoryHolding",
    "Namespace",
    "Nodes",
    "PartitionFault",
    "Period",
    "Policy",
    "Pool",
    "QueueOrder",
    "RecoveryGuarantee",
    "Restarts",
    "Retry",
    "Route",
    "SaturateFault",
    "Scaling",
    "Schedule",
    "Scope",
    "ShedOnFailure",
    "ShedOnLatency",
    "Sidecar",
    "Signal",
    "Skill",
    "Stated",
    "SuccessGuarantee",
    "Survive",
    "Takeover",
    "ThroughputGuarantee",
    "Trace",
    "Trial",
    "Unanswered",
    "UseGuarantee",
    "WarmUp",
    "WorkQueue",
]
