"""Words that people bring along from other tools -> what they are called here, or how it is said.

Invariant: none is the opening of a clause of the block that it is looked up for.
"""

from __future__ import annotations

NOT_SAID = {
    ("partition", "halves"): "whoever calls a pool, its own agents too, gets any agent of it: nothing runs between two "
    "halves of it that could be cut. Cut calls: `partition a | b at 30s for 10s`, "
    "or take half of the agents away: `hang 50% of a at 30s for 10s`",
}
"""Forms that people look for, by their first word and another one, and what to write in their place."""
_RANGE = "the fewest and the most are one range: `agents 2..10`"
_BACKOFF = "how long it waits stands in its block: `retry 3 { backoff 100ms up to 1s }`"
_LATENCY = "the quantile stands behind `latency`: `guarantee latency p95 < 500ms`"
_EVERY = "`at` says when it begins, `every` how often it comes: `kill 1 agent of p at 5s every 20s`"
SAID_OTHERWISE = {
    ("agents", "min"): _RANGE, ("agents", "max"): _RANGE, ("retry", "times"): _BACKOFF, ("retry", "backoff"): _BACKOFF,
    ("majority", "of"): "it is a share that more than must agree: two of three are more than a half, `majority 1/2`",
    **{("guarantee", quantile): _LATENCY for quantile in ("p50", "p90", "p95", "p99", "p999")},
    ("kill", "every"): _EVERY, ("hang", "every"): _EVERY,
}  # fmt: skip
"""What to write, by the first word of a clause and the one that does not fit in it."""
ALSO_CALLED = {
    "replicas": "agents", "instances": "agents", "retries": "retry", "attempts": "retry", "ejection": "break",
    "circuit": "break", "breaker": "break", "outlier": "break", "autoscale": "scale", "hpa": "scale", "ram": "memory",
    "cores": "cpu", "deadline": "timeout", "consumes": "serves", "service": "pool", "deployment": "pool",
    "minReplicas": "agents", "maxReplicas": "agents", "resources": "each", "rps": "steady", "rate": "limit",
    "readinessProbe": "health", "livenessProbe": "health", "calls": "call",
    "count": "agents", "replica_count": "agents", "desired_capacity": "agents", "startupProbe": "health",
    "autoscaling": "scale", "max_retries": "retry", "maxRetries": "retry", "timeoutSeconds": "timeout",
    "variable": "let", "locals": "let", "module": "use", "include": "use", "import": "use",
    "slo": "guarantee", "objective": "guarantee", "ensure": "guarantee", "pdb": "disrupt", "disruption": "disrupt",
}  # fmt: skip
"""What other tools call a clause of ours."""
CALLED_IN = {("demand", "rate"): "steady", ("demand", "rps"): "steady", ("demand", "max"): "peak"}
"""The same where it is so in one block alone."""
_CALLS = "who calls whom is said in the fleet: `call api -> db 2 per request`"
_EACH = "what an agent asks for stands in `each` by itself: `each { cpu 500m; memory 512Mi }`"
_KIND = "it begins with the kind of what is declared, and the name has no quotes: `pool api { … }`"
_LET = "a value gets a name with `let n = 3`, and `$n` stands for it"
_USE = 'the clauses of another file come in with `use "other.fleet"`'
SAID_SO = {
    **{
        ("pool", f"{end}{what}"): _RANGE
        for end in ("min", "max")
        for what in ("", "_replicas", "_size", "_agents", "_instances")
    },
    ("pool", "depends_on"): _CALLS, ("fleet", "depends_on"): _CALLS, ("pool", "dependsOn"): _CALLS,
    ("each", "resources"): _EACH, ("each", "requests"): _EACH, ("each", "limits"): _EACH,
    ("pool", "node_selector"): "the nodes that its agents run on, by their name: `on general`",
    ("pool", "nodeSelector"): "the nodes that its agents run on, by their name: `on general`",
    ("pool", "terminationGracePeriodSeconds"): "how long an agent may finish what it has in hand: `drain 30s`",
    ("fleet", "resource"): _KIND, ("file", "resource"): f"{_KIND}; all of it stands in `fleet NAME {{ … }}`",
    ("file", "variable"): _LET, ("file", "locals"): _LET, ("file", "module"): _USE, ("file", "import"): _USE,
    ("pool", "cooldown"): "how long it waits before it lets agents go: `scale on busy 60% { down over 5m }`",
    ("scale", "cooldown"): "how long it waits before it lets agents go: `down over 5m`",
    ("tenant", "at"): "the most that a tenant gets is its `ceiling 50%`, the least its `floor 10%`",
}  # fmt: skip
"""How it is said here, by the block and by what other tools call it."""
