"""Clauses of a fleet, and of a file."""

from __future__ import annotations

from collections.abc import Set

from .call import CALL
from .consensus import CONSENSUS
from .form import Form, Times, form
from .money import DIVISION, MONEY
from .namespace import NAMESPACE
from .order import ORDER
from .pool import POOL
from .queue import QUEUE
from .reuse import LET, TEMPLATE, USE, reuse
from .trial import TRIAL
from .world import DEMAND, DEPENDENCY, NODES

DECLARATIONS = (
    form("nodes", "nodes <name:name>", "A class of machines.", Times.MANY, NODES),
    form("survive", "survive loss of <count:positive> <what:zone|zones|node|nodes>",
       "The fleet must still work after this loss.", Times.EACH),
    form("survive:agents", "survive loss of <count:positive> <what:agent|agents> of <pool:name>",
       "The agents that are left must cover the peak.", Times.MANY),
    form("survive:takeover", "survive loss of pool <lost:name> , <heir:name> takes over",
       "What came to one pool comes to another, which must cover it too; that it gets there is the gateway's.", Times.EACH),
    form("survive:unanswered", "survive <share:share> of calls to <callee:name> unanswered",
       "While this share of the calls never gets an answer, those who call must have slots left for the others.",
       Times.EACH),
    form("survive:storm", "survive a storm of retries",
       "The most agents cover the peak even while every call is retried to the end, as after a fault that has passed.",
       Times.MANY),
    form("namespace", "namespace", "What the cluster lets the fleet have: a ResourceQuota and a LimitRange.", body=NAMESPACE),
    form("demand", "demand <name:name>", "What is asked of the fleet: an envelope of arrivals.", Times.MANY, DEMAND,
       (("steady", "trace"),)),
    form("dependency", "dependency <name:name>", "Something the fleet shares and does not own.", Times.MANY, DEPENDENCY),
    form("pool", "pool <name:name> [like <template:name>]", "Agents of one kind.", Times.MANY, POOL),
    form("call", "call <caller:name> -> <callee:name> [<times:number> per request]",
       "How often a pool calls another or a dependency while it works on a request, and by which rules.",
       Times.MANY, CALL),
    form("budget", "budget <scope:agents|nodes|tokens|compute|total> <dollars:spend>",
       "Money that may be spent in a period; compute is agents and nodes.", Times.MANY, DIVISION),
    *MONEY,
    *ORDER,
    form("consensus", "consensus <name:name> among <pool:name>", "A decision that agents of a pool vote on.",
       Times.MANY, CONSENSUS),
    form("guarantee:latency", "guarantee latency [of <demand:name>] (bounds: <quantile:quantile> < <limit:duration>)+",
       "Answers are there in time.", Times.MANY),
    form("guarantee:success", "guarantee success [of <demand:name>] <share:share> [over <over:duration>]",
       "This share of requests succeeds.", Times.MANY),
    form("guarantee:recovery", "guarantee recovery within <limit:duration> [of any fault]",
       "After a fault the objectives hold again in time.", Times.MANY),
    form("guarantee:cost", "guarantee cost < <dollars:spend>", "All that the fleet spends stays below this.", Times.MANY),
    form("guarantee:unit", "guarantee cost per request < <dollars:money>",
       "What is predicted to be spent, divided by all requests of all demands, stays below this.", Times.MANY),
    form("guarantee:amplification", "guarantee amplification < <factor:number>",
       "One request never becomes this many attempts at any callee; with retry budgets, on the whole.", Times.MANY),
    form("guarantee:throughput", "guarantee throughput of <demand:name> <rate:rate>",
       "So many requests a second of a demand can be served.", Times.MANY),
    form("guarantee:use", "guarantee use of <scope:agents|nodes|tokens|compute|total> budget < <share:share>",
       "What the bounds allow to be spent stays below this share of each such budget.", Times.MANY),
    form("queue", "queue <name:name>", "Items that wait for a pool.", Times.MANY, QUEUE),
    form("bulkhead", "bulkhead (left: <left:name>)+ | (right: <right:name>)+",
       "Two sides, of pools or demands, that share nothing that could fail them both.", Times.EACH),
    form("trial", "trial <name:name>", "How the guarantees are tried on the running fleet.", Times.MANY, TRIAL),
)  # fmt: skip

FLEET = (*reuse(DECLARATIONS), *DECLARATIONS)

FILE = (
    form("language", "language <version:count>", "The version of the language that the file is written in."),
    form("fleet", "fleet <name:name> [<title:text>]", "A fleet and all that is said of it.", Times.MANY, FLEET),
    USE,
    LET,
    TEMPLATE,
)

ROOT = Form("file", "file", "A spec.", Times.ONCE, FILE)

PART = Form("part", "part", "What other files use.", Times.ONCE, (*FILE[:2], *FLEET))
"""A file without a fleet of its own: what stands in it stands in the fleet of whoever uses it."""

_IN_FILES = frozenset(form.opening for form in FILE)


def is_part(openings: Set[str]) -> bool:
    """Whether a file whose statements begin so is one that others use: it says what stands in a fleet, and has none."""
    # A word that no fleet knows says nothing: it may be `fleet`, misspelt or not yet written.
    return "fleet" not in openings and any(one in PART.by_opening for one in openings - _IN_FILES)
