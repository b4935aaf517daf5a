"""Clauses of a fleet, and of a file."""

from __future__ import annotations

from .call import CALL
from .consensus import CONSENSUS
from .form import Form, Times, form
from .money import DIVISION, MONEY
from .order import ORDER
from .pool import POOL
from .trial import TRIAL
from .world import DEMAND, DEPENDENCY, NODES

FLEET = (
    form("nodes", "nodes <name:name>", "A class of machines.", Times.MANY, NODES),
    form("survive", "survive loss of <count:positive> <what:zone|zones|node|nodes>",
       "The fleet must still work after this loss.", Times.MANY),
    form("demand", "demand <name:name>", "What is asked of the fleet: an envelope of arrivals.", Times.MANY, DEMAND),
    form("dependency", "dependency <name:name>", "Something the fleet shares and does not own.", Times.MANY, DEPENDENCY),
    form("pool", "pool <name:name>", "Agents of one kind.", Times.MANY, POOL),
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
    form("guarantee:amplification", "guarantee amplification < <factor:number>",
       "One request never becomes this many attempts at any callee.", Times.MANY),
    form("trial", "trial <name:name>", "How the guarantees are tried on the running fleet.", Times.MANY, TRIAL),
)  # fmt: skip

FILE = (
    form("language", "language <version:count>", "The version of the language that the file is written in."),
    form("fleet", "fleet <name:name> [<title:text>]", "A fleet and all that is said of it.", Times.MANY, FLEET),
)

ROOT = Form("file", "file", "A spec.", Times.ONCE, FILE)
