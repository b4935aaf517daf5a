"""Clauses of a pool."""

from __future__ import annotations

from .failing import LIMITS, RESTARTS
from .form import Times, form
from .money import VALUE
from .order import PATTERN
from .policy import POLICY

_AWAY = "How many agents may be away by choice at once, of the fewest that there may be; the others always stay."

EACH = (
    form("cpu", "cpu <cpu:cpu>", "Cores that one agent asks for."),
    form("memory", "memory <memory:bytes>", "Memory that one agent asks for."),
    form("sidecar", "sidecar cpu <cpu:cpu>, memory <memory:bytes>",
       "What the proxy beside each agent asks for: a mesh's, or another one that is injected."),
    form("gpu", "gpu <gpus:count>", "GPUs that one agent asks for."),
    form("price", "price <price:price>", "What one agent costs."),
    form("concurrency", "concurrency <slots:positive>",
       "Requests that one agent has in hand at once, those that wait for its own calls included."),
    form("service", "service mean <mean:duration> [, p99 <tail:duration>]",
       "The agent's own work on one request, without the calls it makes."),
    form("startup", "startup <startup:moment>", "From the start of the process to its first answer."),
    form("holds", "holds <connections:positive> <unit:connection|connections> to <dependency:name>",
       "Connections that each agent keeps open to a dependency.", Times.MANY),
    form("request-memory", "memory <amount:bytes> per request", "Memory that each request in hand takes."),
    form("start-work", "start takes <work:duration> of cpu",
       "Cpu time of one core that a start takes: where many start at once on a node, each takes longer."),
    form("start-limit", "start fails after <limit:duration>", "A start that takes longer is given up and begun again."),
    form("links", "links <each:number> per agent [and <more:count> more] , at most <limit:positive>",
       "Threads, neighbours or the like that each agent keeps for every other one and besides, and how many it may have."),
    form("memory-of", "holds <amount:bytes> of <dependency:name>",
       "Memory of a dependency that each agent takes up.", Times.MANY),
)  # fmt: skip

SCALE = (
    form("up", "up within <within:duration>", "From a rise in demand to the agents that serve it."),
    form("down", "down over <over:duration>", "How long a lower need must last before agents are removed."),
    form("step", "at most <share:more> per <period:duration>",
       "The most that is added or removed in a period, as a share of the current number."),
)  # fmt: skip

POOL = (
    form("serves", "serves <demand:name>", "Requests of this demand come in here; the block says how the gateway calls.",
       Times.MANY, POLICY),
    form("image", "image <image:text>", "The container image of one agent."),
    form("run", "run <command:text>", "The command that is one agent on this machine; {port} is the port it listens on."),
    form("on", "on (classes: <nodes:name>)+", "The node classes that the agents may use; all if not said."),
    form("agents", "agents <agents:count..>",
       "How many agents there are, or between which bounds; from 0 where a queue keeps what comes.", Times.ONCE),
    form("each", "each", "What one agent is and needs.", body=EACH),
    form("scale:queue", "scale on queue <target:more> per agent", "Scale on the items that wait.", body=SCALE),
    form("scale:rate", "scale on rate <rate:pace> per agent", "Scale on requests per second.", body=SCALE),
    form("scale:flight", "scale on in flight <target:more> per agent", "Scale on requests under way.", body=SCALE),
    form("scale:share", "scale on <signal:busy|cpu> <share:part>",
       "Scale on the share of busy slots, or of the cpu asked for.", body=SCALE),
    form("health", "health every <every:duration>", "How often an agent is asked whether it is well.", body=(
        form("fails", "fails after <times:positive>", "Bad answers in a row after which it counts as failed."),
        form("behind", "behind requests within <limit:duration>",
           "A check waits for a slot as a request does, and fails after this time."),
        *RESTARTS,
    )),
    form("disrupt:share", "disrupt at most <share:share>", _AWAY),
    form("disrupt:count", "disrupt at most <count:count> <unit:agent|agents>", _AWAY),
    form("drain", "drain <time:duration>", "The time an agent has to finish its work before it leaves."),
    form("priority:word", "priority <level:low|normal|high|critical>", "Who keeps its place when room is short."),
    form("priority:number", "priority <number:count>", "Who keeps its place when room is short; normal is 0."),
    *LIMITS,
    *VALUE,
    *PATTERN,
)  # fmt: skip
