"""The registry: one line a code. A number is never used again.

ST0 syntax, ST1 names, types and units, ST2 feasibility, ST3 fairness, ST4 failure containment, ST5 control loops,
ST6 coordination, ST7 what a target cannot express, ST8 trials. Each code has a text `explain/CODE.md` with the
headings `## Fails` and `## Mended`, each followed by a ```fleet block (```yaml for the other form) that shows it.
"""

from __future__ import annotations

from importlib.resources import files

CODES: dict[str, str] = {
    # ST0 syntax
    "ST0001": "a character or word that is not expected",
    "ST0002": "a string that is not closed",
    "ST0003": "braces that do not pair",
    "ST0004": "a text that is too large or nested too deep",
    # 01 the other form
    "ST0101": "a text that is not YAML or JSON",
    "ST0102": "something of YAML that is not read",
    "ST0103": "a key that is said twice",
    "ST0104": "a value of another shape",
    # ST1 names, types and units
    "ST1001": "a clause that is not known here",
    "ST1002": "something that must be said is missing",
    "ST1003": "a clause that is said twice",
    "ST1004": "a clause that is written differently",
    "ST1005": "a block where none belongs",
    "ST1010": "a name that is taken",
    "ST1011": "a name that is not declared",
    "ST1012": "a name of another kind",
    "ST1013": "a range that nothing moves in",
    "ST1014": "a pool that nothing reaches",
    "ST1015": "a demand that nobody serves",
    "ST1016": "a demand that comes in at two pools",
    "ST1020": "a trace that cannot be read",
    "ST1021": "an agent's command without its port",
    "ST1022": "nothing to replay",
    "ST1023": "a fault on a call that is not made",
    "ST1030": "a version of the language that is not known",
    "ST1040": "a name for a value that nothing declares",
    "ST1041": "a loop that cannot be unrolled",
    "ST1042": "a file that cannot be used",
    "ST1043": "an environment that adds something",
    "ST1044": "a let that is never used",
    "ST1101": "a quantity without its unit",
    "ST1102": "a quantity of another dimension",
    "ST1103": "a unit that is not known",
    "ST1104": "a value out of its range",
    "ST1105": "a name that a cluster refuses",
    "ST1106": "two figures in the wrong order",
    "ST1107": "a trial whose times do not fit",
    # 120 defaults that bite, 121 findings that are allowed
    "ST1201": "a call that may wait for ever",
    "ST1202": "a start-up time that was only assumed",
    "ST1203": "a last agent that nothing protects",
    "ST1211": "an allowance without a reason",
    "ST1212": "an allowance that cannot be read",
    "ST1213": "an allowance that nothing needs",
    "ST1351": "a contract on a call that is not made",
    # ST2 feasibility
    # 21 agents and nodes, 22 money, 23 what is shared, 24 latency, 27 worth and contracts
    "ST2101": "demand that the agents do not cover",
    "ST2102": "agents that do not fit on the nodes",
    "ST2103": "agents that do not fit after a loss",
    "ST2104": "agents that are left and do not cover the peak",
    "ST2105": "more links than an agent may have",
    "ST2106": "requests in hand that take more memory than an agent has",
    "ST2107": "a namespace that leaves too little for the bounds",
    "ST2108": "an agent that its namespace does not take",
    "ST2110": "calls that go in a circle",
    "ST2201": "a budget that the bounds can exceed",
    "ST2301": "more connections than a dependency takes",
    "ST2302": "more requests than a dependency takes",
    "ST2303": "more tokens than a dependency takes",
    "ST2304": "empty caches that ask for more than there is",
    "ST2401": "a latency objective that does not hold",
    # 26 time to scale, memory that is shared, throughput, use of a budget, skills, queues, degradation
    "ST2601": "more memory than a dependency has",
    "ST2603": "a throughput that cannot be served",
    "ST2604": "more of a budget used than stated",
    "ST2605": "a skill with too few agents",
    "ST2606": "items that wait too long",
    "ST2607": "a shard of a queue that has nobody",
    "ST2608": "an alert that rings too late or never",
    "ST2609": "a step of degradation that does not carry",
    "ST2610": "a pool that degrades before it scales",
    "ST2701": "a pool whose best size its bounds leave out",
    "ST2702": "a bill that is predicted to be too high",
    "ST2703": "work that costs more than it is paid with",
    "ST2704": "a promise that the work cannot keep",
    "ST2705": "payments beyond what a contract allows",
    "ST2706": "a contract that excludes the sound",
    "ST2707": "a request that costs more than stated",
    # ST3 fairness
    # 30 budgets, 31 quotas and auctions
    "ST3001": "floors that come to more than the budget",
    "ST3002": "a pre-emption without an order",
    "ST3003": "a share that does not pay for its agent",
    "ST3004": "a stop that comes too late",
    "ST3005": "a dispute that few can decide",
    "ST3101": "a quota above what its dependency gives",
    "ST3102": "floors of tenants that do not fit",
    "ST3103": "a tenant that others can starve",
    "ST3104": "a tenant that envies another",
    "ST3151": "an auction that is not over in time",
    # ST4 failure containment
    # 41 retries, 42 timeouts, 43 ejection, 44 disruption, 45 success and recovery
    "ST4101": "retries that multiply along a chain",
    "ST4201": "retries that have no time to start",
    "ST4202": "a callee that waits longer than its caller",
    "ST4203": "calls without an answer that hold every slot",
    "ST4204": "a timeout that cuts off good answers",
    "ST4205": "retries that come before they are let in",
    "ST4206": "a storm of retries that keeps itself up",
    "ST4301": "an ejection of nobody, or of everybody",
    "ST4401": "a disruption budget that lets nobody go",
    "ST4501": "a success objective that the declared faults break",
    "ST4502": "a recovery that takes longer than stated",
    # 46 restarts, bulkheads, back-pressure
    "ST4601": "restarts that a single failure pauses",
    "ST4602": "restarts that come too late or not at all",
    "ST4603": "two sides of a bulkhead that share something",
    "ST4604": "back-pressure with an unbounded queue behind it",
    "ST4605": "back-pressure that comes too late",
    "ST4606": "health checks that take the busy for dead",
    "ST4607": "starts that get in each other's way",
    # 47 limits of calls
    "ST4701": "a limit that refuses what the peak needs",
    "ST4702": "a limit that never acts",
    # ST5 control loops
    "ST5101": "a target that leaves an agent no free slot",
    "ST5102": "a target that the bounds do not reach",
    "ST5103": "agents that come later than stated",
    "ST5104": "requests that wait while agents start",
    "ST5105": "an autoscaler that takes a stalled pool for idle",
    "ST5111": "a course of demand that the autoscaler follows too late",
    # ST6 coordination
    # 61 quorums, 63 groups, tiers, deals, crises, people and doors
    "ST6101": "a vote that its tolerated faults stop",
    "ST6102": "two decisions that may contradict each other",
    "ST6103": "a vote with more members than its pool may have",
    "ST6104": "a vote that a lost zone stops",
    "ST6105": "a vote that does not end in time",
    "ST6301": "members without a place in a group",
    "ST6302": "a vote in groups that a minority can carry",
    "ST6303": "a question that may be decided twice",
    "ST6304": "a tie that nobody is left to break",
    "ST6310": "a span of control that is exceeded",
    "ST6311": "an organisation without the agents for it",
    "ST6312": "an organisation that takes too long",
    "ST6313": "a pattern that does not suit the size",
    "ST6314": "a negotiation that does not end in time",
    "ST6320": "a sign of a crisis that never shows",
    "ST6321": "a crisis that begins while all is well",
    "ST6322": "an action that finds nothing to act on",
    "ST6323": "actions that take longer than the recovery",
    "ST6330": "an approval that comes too late",
    "ST6331": "people who are asked too much",
    "ST6332": "an emergency stop that takes too long",
    "ST6340": "agents that have to talk and may not",
    "ST6341": "a permission that nobody needs",
    # ST7 what a target cannot express
    "ST7001": "a pool that Kubernetes has no image for",
    "ST7002": "an agent whose cpu or memory Kubernetes is not told",
    "ST7003": "scaling on cpu without a cpu request",
    "ST7004": "a back-off whose factor Envoy does not have",
    "ST7005": "a value that a target rounds",
    "ST7006": "shedding by latency, which is left to the agents",
    "ST7007": "a scaling signal that needs a metrics adapter",
    "ST7008": "a demand whose gateway is the user's to install",
    "ST7009": "a dependency whose address is a placeholder",
    "ST7010": "an ejection that comes to nobody in whole per cent",
    "ST7011": "a window or period that an autoscaler does not have",
    "ST7021": "a choice of agents that a proxy does not have",
    "ST7022": "a policy that is left to the agents",
    "ST7023": "a rule for restarts that Kubernetes does not have",
    "ST7024": "a queue that is the user's to install",
    "ST7041": "mutual TLS, which the local fleet does not have",
    "ST7042": "a dependency that a network policy cannot name",
    # 706 monitoring
    "ST7061": "an objective that nobody can be woken for",
    "ST7062": "an objective that histograms have no bucket for",
    # 707 autoscalers and queues of others
    "ST7071": "a Prometheus whose address is a placeholder",
    "ST7072": "quotas without sizes to share",
    # ST8 trials
    "ST8001": "tasks that a trial leaves undone",
    "ST8002": "a figure that a trial cannot give",
    "ST8003": "tasks that have no way in",
    "ST8004": "what a trial on this machine does not play",
}


def explanation(code: str) -> str | None:
    """The shipped Markdown text of a code, or None where there is no such code."""
    if code not in CODES:
        return None
    return files(__package__).joinpath("explain", f"{code}.md").read_text(encoding="utf-8")
