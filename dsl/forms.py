"""Every clause of the language: its phrase, what it means, where it may stand and how often.

The parser knows what a statement is; this registry knows which statements there are. Invariant: within one body the
forms with the same opening word differ in shape, so that at most one of them matches a statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from .phrases import opening


class Times(Enum):
    ONCE = "once"
    MAYBE = "at most once"
    SOME = "at least once"
    MANY = "any number of times"


@dataclass(frozen=True, slots=True)
class Form:
    """One clause. `slot` groups forms of which a block may hold only one (steady/trace are two slots, break is one)."""

    key: str
    phrase: str
    doc: str
    times: Times = Times.MAYBE
    body: tuple[Form, ...] = ()

    @property
    def opening(self) -> str:
        return opening(self.phrase)

    @property
    def slot(self) -> str:
        """Forms of one slot are alternatives: `break below …` and `break after …`."""
        return self.key.split(":")[0]


def _f(key: str, phrase: str, doc: str, times: Times = Times.MAYBE, body: tuple[Form, ...] = ()) -> Form:
    return Form(key, phrase, doc, times, body)


_EJECT = (
    _f("eject", "eject at most <share:share> [for <for:duration>]",
       "The largest share of the callee's agents that may be put aside at once, and for how long the first time."),
)  # fmt: skip

POLICY: tuple[Form, ...] = (
    _f("timeout", "timeout <limit:duration>", "The whole call, all attempts included, ends after this time."),
    _f("try", "try timeout <limit:duration>", "One attempt ends after this time."),
    _f("retry", "retry <attempts:count>", "Extra attempts after a failed one, on another agent.", body=(
        _f("backoff", "backoff <base:duration> [<factor:factor>] [up to <cap:duration>]",
           "The pause before an extra attempt, its growth and its ceiling."),
        _f("budget", "budget <share:share>", "Retries may be at most this share of the requests under way."),
    )),
    _f("break:success", "break below <share:share> success over <over:duration>",
       "Put an agent aside when its share of successes over a window falls below this.", body=_EJECT),
    _f("break:errors", "break after <errors:positive> errors",
       "Put an agent aside after so many failures in a row.", body=_EJECT),
    _f("limit", "limit (limits: <amount:positive> <what:pending|in_flight|connections>)+",
       "What one calling agent may have waiting, in flight, or open to the callee."),
    _f("shed-failure", "shed below <share:share> success over <over:duration>",
       "Turn requests away at the caller as the callee's share of successes falls below this."),
    _f("shed-latency", "shed <priority:low|normal|high|lowest> priority when <quantile:quantile> > <above:duration>",
       "The callee refuses requests of this priority and below while its own latency is above this."),
    _f("route:least", "route least loaded", "Each attempt goes to the agent with the fewest requests under way."),
    _f("route:robin", "route round robin", "Attempts go to the agents in turn."),
    _f("route:random", "route random", "Each attempt goes to an agent drawn at random."),
    _f("route:header", "route by header <header:text>", "Requests with the same header value go to the same agent."),
)  # fmt: skip

NODES = (
    _f("count", "count <count:count..>", "How many machines of this class there may be.", Times.ONCE),
    _f("cpu", "cpu <cpu:cpu>", "Cores that pods may use on one machine.", Times.ONCE),
    _f("memory", "memory <memory:bytes>", "Memory that pods may use on one machine.", Times.ONCE),
    _f("pods", "pods <pods:positive>", "How many pods one machine takes."),
    _f("gpu", "gpu <gpus:count>", "GPUs of one machine."),
    _f("price", "price <price:price>", "What one machine costs."),
    _f("zones", "zones <zones:positive>", "Over how many zones the machines are spread evenly."),
)

DEMAND = (
    _f("steady", "steady <rate:rate>", "The level that lasts."),
    _f("peak", "peak <rate:rate> [for <for:duration>] [every <every:duration>]",
       "The highest level, how long it lasts, and how often it comes; without `every` it may last always."),
    _f("rises", "rises at most <rate:rate> per <window:duration>", "How fast the level may rise."),
    _f("trace", "trace <path:text> [column <column:text>] [at <speed:factor>]",
       "Recorded arrivals: a CSV file with a column of time stamps, replayed at a chosen speed."),
    _f("priority:word", "priority <level:low|normal|high|critical>", "How important its requests are."),
    _f("priority:number", "priority <number:count>", "How important its requests are, as a number; normal is 0."),
)  # fmt: skip

DEPENDENCY = (
    _f("limit", "limit (limits: <amount:number> <what:requests/s|requests/min|requests/h|tokens/s|tokens/min|tokens/h>)+",
       "How much it serves in a time."),
    _f("connections", "connections <connections:positive>", "How many connections it takes at once."),
    _f("latency", "latency (points: <quantile:quantile> <latency:duration>)+",
       "How long its answers take: p50 and p99."),
    _f("price", "price <price:money> / <amount:positive> tokens", "What tokens cost."),
)  # fmt: skip

EACH = (
    _f("cpu", "cpu <cpu:cpu>", "Cores that one agent asks for."),
    _f("memory", "memory <memory:bytes>", "Memory that one agent asks for."),
    _f("gpu", "gpu <gpus:count>", "GPUs that one agent asks for."),
    _f("price", "price <price:price>", "What one agent costs."),
    _f("concurrency", "concurrency <slots:positive>",
       "Requests that one agent has in hand at once, those that wait for its own calls included."),
    _f("service", "service mean <mean:duration> [, p99 <tail:duration>]",
       "The agent's own work on one request, without the calls it makes."),
    _f("startup", "startup <startup:moment>", "From the start of the process to its first answer."),
    _f("holds", "holds <connections:positive> <unit:connection|connections> to <dependency:name>",
       "Connections that each agent keeps open to a dependency.", Times.MANY),
)  # fmt: skip

SCALE = (
    _f("up", "up within <within:duration>", "From a rise in demand to the agents that serve it."),
    _f("down", "down over <over:duration>", "How long a lower need must last before agents are removed."),
    _f("step", "at most <share:number> per <period:duration>",
       "The most that is added or removed in a period, as a share of the current number."),
)  # fmt: skip

POOL = (
    _f("serves", "serves <demand:name>", "Requests of this demand come in here; the block says how the gateway calls.",
       Times.MANY, POLICY),
    _f("image", "image <image:text>", "The container image of one agent."),
    _f("run", "run <command:text>", "The command that is one agent on this machine; {port} is the port it listens on."),
    _f("on", "on (classes: <nodes:name>)+", "The node classes that the agents may use; all if not said."),
    _f("agents", "agents <agents:positive..>", "How many agents there are, or between which bounds.", Times.ONCE),
    _f("each", "each", "What one agent is and needs.", body=EACH),
    _f("scale:queue", "scale on queue <target:number> per agent", "Scale on the items that wait.", body=SCALE),
    _f("scale:rate", "scale on rate <rate:rate> per agent", "Scale on requests per second.", body=SCALE),
    _f("scale:flight", "scale on in flight <target:number> per agent", "Scale on requests under way.", body=SCALE),
    _f("scale:share", "scale on <signal:busy|cpu> <share:share>",
       "Scale on the share of busy slots, or of the cpu asked for.", body=SCALE),
    _f("health", "health every <every:duration>", "How often an agent is asked whether it is well.", body=(
        _f("fails", "fails after <times:positive>", "Bad answers in a row after which it counts as failed."),
    )),
    _f("disrupt:share", "disrupt at most <share:share>", "How many agents may be away by choice at once."),
    _f("disrupt:count", "disrupt at most <count:count> <unit:agent|agents>", "How many agents may be away by choice at once."),
    _f("drain", "drain <time:duration>", "The time an agent has to finish its work before it leaves."),
    _f("priority:word", "priority <level:low|normal|high|critical>", "Who keeps its place when room is short."),
    _f("priority:number", "priority <number:count>", "Who keeps its place when room is short; normal is 0."),
)  # fmt: skip

CALL = (
    _f("tokens", "tokens <tokens:number>", "Tokens that one call uses up."),
    *POLICY,
)

CONSENSUS = (
    _f("members", "members <members:positive>", "How many agents vote.", Times.ONCE),
    _f("majority", "majority <share:share>", "More than this share of all members must agree.", Times.ONCE),
    _f("tolerate", "tolerate <faults:count> <fault:crashed|Byzantine>", "Faulty members that must not matter."),
    _f("within", "within <limit:duration>", "A decision is there after this time."),
    _f("round", "round <time:duration>", "One exchange of messages among the members takes this long."),
)

TRIAL = (
    _f("scale", "scale <scale:share>", "The size of the fleet on this machine, as a share of the real one."),
    _f("duration", "duration <duration:duration>", "How long the trial lasts."),
    _f("load:steady", "load <demand:name> <level:steady|peak> [at <at:moment>] [over <over:duration>]",
       "From then on the demand is at this level of its envelope.", Times.MANY),
    _f("load:factor", "load <demand:name> <factor:factor> [at <at:moment>] [over <over:duration>]",
       "From then on the demand is this many times its steady level.", Times.MANY),
    _f("load:replay", "load <demand:name> replay", "The demand's recorded trace, its worst stretch.", Times.MANY),
    _f("kill:share", "kill <share:share> of <pool:name> at <at:moment> [every <every:duration>]",
       "Agents end at once, without a farewell.", Times.MANY),
    _f("kill:count", "kill <count:positive> <unit:agent|agents> of <pool:name> at <at:moment> [every <every:duration>]",
       "Agents end at once, without a farewell.", Times.MANY),
    _f("hang:share", "hang <share:share> of <pool:name> at <at:moment> [every <every:duration>] for <for:duration>",
       "Agents keep their connections and answer nothing.", Times.MANY),
    _f("hang:count", "hang <count:positive> <unit:agent|agents> of <pool:name> at <at:moment> [every <every:duration>] for <for:duration>",
       "Agents keep their connections and answer nothing.", Times.MANY),
    _f("delay", "delay [<share:share> of] <caller:name> -> <callee:name> <delay:duration> at <at:moment> [every <every:duration>] for <for:duration>",
       "Calls take longer by this time.", Times.MANY),
    _f("abort", "abort <share:share> of <caller:name> -> <callee:name> at <at:moment> [every <every:duration>] for <for:duration>",
       "Calls fail at once with 503.", Times.MANY),
)  # fmt: skip

FLEET = (
    _f("nodes", "nodes <name:name>", "A class of machines.", Times.MANY, NODES),
    _f("survive", "survive loss of <count:positive> <what:zone|zones|node|nodes>",
       "The fleet must still work after this loss.", Times.MANY),
    _f("demand", "demand <name:name>", "What is asked of the fleet: an envelope of arrivals.", Times.MANY, DEMAND),
    _f("dependency", "dependency <name:name>", "Something the fleet shares and does not own.", Times.MANY, DEPENDENCY),
    _f("pool", "pool <name:name>", "Agents of one kind.", Times.MANY, POOL),
    _f("call", "call <caller:name> -> <callee:name> [<times:number> per request]",
       "How often a pool calls another or a dependency while it works on a request, and by which rules.",
       Times.MANY, CALL),
    _f("budget", "budget <scope:agents|nodes|tokens|compute|total> <dollars:spend>",
       "Money that may be spent in a period; compute is agents and nodes.", Times.MANY),
    _f("consensus", "consensus <name:name> among <pool:name>", "A decision that agents of a pool vote on.",
       Times.MANY, CONSENSUS),
    _f("guarantee:latency", "guarantee latency [of <demand:name>] (bounds: <quantile:quantile> < <limit:duration>)+",
       "Answers are there in time.", Times.MANY),
    _f("guarantee:success", "guarantee success [of <demand:name>] <share:share> [over <over:duration>]",
       "This share of requests succeeds.", Times.MANY),
    _f("guarantee:recovery", "guarantee recovery within <limit:duration> [of any fault]",
       "After a fault the objectives hold again in time.", Times.MANY),
    _f("guarantee:cost", "guarantee cost < <dollars:spend>", "All that the fleet spends stays below this.", Times.MANY),
    _f("guarantee:amplification", "guarantee amplification < <factor:number>",
       "One request never becomes this many attempts at any callee.", Times.MANY),
    _f("trial", "trial <name:name>", "How the guarantees are tried on the running fleet.", Times.MANY, TRIAL),
)  # fmt: skip

FILE = (
    _f("language", "language <version:count>", "The version of the language that the file is written in."),
    _f("fleet", "fleet <name:name> [<title:text>]", "A fleet and all that is said of it.", Times.MANY, FLEET),
)

ROOT = Form("file", "file", "A spec.", Times.ONCE, FILE)


def walk(form: Form = ROOT, trail: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Form]]:
    """Every form with the openings of the forms around it, in the order of the registry."""
    for child in form.body:
        yield trail, child
        yield from walk(child, (*trail, child.opening))
