"""What breaks each guarantee: for each code a spec that is proved, and a change of its text that must be caught by it.

`also`: codes of other guarantees that the same change must break. A change may be several, where a clause has to be
there before it can be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """In the spec `path` under `specs/`, each `old` text becomes its `new` one."""

    path: str
    changes: tuple[tuple[str, str], ...]
    also: frozenset[str] = frozenset()


def _fault(path: str, *changes: tuple[str, str], also: str = "") -> Fault:
    return Fault(path, changes, frozenset(also.split()))


def _row(number: int, *changes: tuple[str, str], also: str = "") -> Fault:
    return _fault(f"requirements/R{number:02}.fleet", *changes, also=also)


FAULTS: dict[str, Fault] = {
    # ST2 feasibility
    "ST2101": _row(2, ("steady 20/s; peak 100/s", "steady 20/s; peak 1_000/s"), also="ST5102"),
    "ST2102": _fault("incidents/datadog-peering-limit/after.fleet", ("count 15_500", "count 7_750")),
    "ST2103": _row(28, ("agents 9", "agents 280")),
    "ST2104": _fault("incidents/sre-cluster-loss/after.fleet", ("agents 13", "agents 11")),
    "ST2105": _fault("incidents/kinesis-threads-per-peer/after.fleet", ("agents 7_000", "agents 11_000")),
    "ST2106": _fault("incidents/zalando-dns-memory/after.fleet", ("memory 2000Mi", "memory 100Mi")),
    "ST2107": _fault("incidents/veryfront-cpu-quota/after.fleet", ("12.5 taken", "16 taken")),
    "ST2108": _fault(
        "incidents/veryfront-cpu-quota/after.fleet", ("12.5 taken", "12500m taken; each agent cpu at most 1")
    ),
    "ST2109": _row(4, ("count 3..9; cpu 96", "count 3..8; cpu 96")),
    "ST2110": _row(27, ("call desk -> experts", "call desk -> experts\n  call experts -> branch")),
    "ST2201": _row(3, ("agents 1_000", "agents 2_000"), also="ST2604"),
    "ST2301": _fault("incidents/connection-pools/after.fleet", ("connections 200", "connections 100")),
    "ST2302": _fault("incidents/zalando-kubelet-rate/after.fleet", ("steady 2/s", "steady 20/s")),
    "ST2303": _fault("incidents/kolega-agents-in-step/after.fleet", ("steady 10/min", "steady 20/min")),
    "ST2304": _fault("incidents/slack-cold-memcached/after.fleet", ("limit 1_200", "limit 900")),
    "ST2401": _row(3, ("p95 < 1s", "p95 < 100ms")),
    "ST2601": _row(5, ("memory 64Gi", "memory 32Gi")),
    "ST2603": _row(35, ("throughput of arrivals 10_000/s", "throughput of arrivals 100_000/s")),
    "ST2604": _row(3, ("agents 1_000", "agents 1_200")),
    "ST2605": _row(9, ("billing 50%", "billing 97%"), also="ST2101"),
    "ST2606": _fault("incidents/duo-request-queue/after.fleet", ("age at most 5s", "age at most 50ms")),
    "ST2607": _row(12, ("agents 200..1_000", "agents 20..1_000"), also="ST2606 ST2608"),
    "ST2608": _row(12, ("alert above 10_000", "alert above 20_000")),
    "ST2609": _row(14, ("service mean 5ms, p99 20ms", "service mean 100ms, p99 400ms")),
    "ST2610": _row(14, ("above 85% busy", "above 42% busy")),
    "ST2701": _row(31, ("steady 500/s", "steady 250/s")),
    "ST2702": _row(30, ("bill < $20_000/month", "bill < $2_000/month")),
    "ST2703": _row(26, ("price $0.60/h", "price $600/h")),
    "ST2704": _row(26, ("done within 5m", "done within 3s"), also="ST2706"),
    "ST2705": _row(26, ("steady 2/s", "steady 4/s")),
    "ST2706": _row(26, ("p99 80s", "p99 125s"), also="ST4402"),
    "ST2707": _row(30, ("guarantee bill", "guarantee cost per request < $0.000001\n  guarantee bill")),
    # ST3 fairness
    "ST3001": _row(17, ("at least $50", "at least $500"), also="ST3003"),
    "ST3002": _row(16, ("priority low", "priority high")),
    "ST3003": _row(17, ("price $2/h", "price $4/h")),
    "ST3004": _row(21, ("price $0.50 / 1M tokens", "price $100_000 / 1M tokens"), also="ST2201"),
    "ST3005": _row(18, ("weights high 9", "weights high 900")),
    "ST3101": _row(19, ("tokens 10M/min", "tokens 12M/min")),
    "ST3102": _row(19, ("weight 1; floor 5%", "weight 1; floor 85%"), also="ST3103"),
    "ST3103": _row(19, ("weight 1; floor 5%", "weight 0")),
    "ST3104": _row(19, ("nobody starves", "nobody starves; no envy"), ("weight 1; floor 5%", "weight 1; floor 40%")),
    "ST3105": _row(19, ("tokens 10M/min", "tokens 3M/min")),
    "ST3151": _row(20, ("to $2.50; deadline 30s", "to $2.50; deadline 20s")),
    # ST4 failure containment
    "ST4101": _row(10, ("retry 2 {", "retry 12 {")),
    "ST4201": _row(6, ("retry 2 { budget 20% }", "retry 200 { budget 20% }")),
    "ST4202": _fault(
        "incidents/sre-deadline-propagation/after.fleet", ("timeout 10s }", "timeout 1s }"), also="ST4204"
    ),
    "ST4203": _fault("incidents/sre-bimodal-latency/after.fleet", ("timeout 17s", "timeout 100s")),
    "ST4204": _fault("incidents/posthog-connect-timeout/after.fleet", ("timeout 1s }", "timeout 300ms }")),
    "ST4205": _fault("incidents/dashboard-ignores-retry-after/after.fleet", ("backoff 2s", "backoff 1s")),
    "ST4206": _fault(
        "incidents/istio-retry-without-time/after.fleet",
        ("demand requests { steady 1/s }", "survive a storm of retries\n  demand requests { steady 2/s }"),
    ),
    "ST4301": _row(8, ("eject at most 50%", "eject at most 100%")),
    "ST4401": _fault("incidents/drain-that-never-ends/after.fleet", ("disrupt at most 1 agent", "disrupt at most 1%")),
    "ST4402": _row(26, ("drain 90s", "drain 60s")),
    "ST4501": _fault(
        "sturdy.fleet",
        ("      retry 3 { backoff 25ms up to 250ms }\n", ""),
        ("      break after 2 errors { eject at most 70% for 10s }\n", ""),
    ),
    "ST4502": _row(29, ("recovery within 5m", "recovery within 1s")),
    "ST4601": _row(10, ("above 10% failing", "above 1% failing"), also="ST4602"),
    "ST4602": _row(10, ("backoff 10s..4m", "backoff 10s..20m")),
    "ST4603": _row(13, ("on vaults", "on desks")),
    "ST4604": _row(15, ("    push back above 100 pending\n", "")),
    "ST4605": _fault("incidents/sre-queue-length/after.fleet", ("timeout 1s", "timeout 100ms")),
    "ST4606": _fault("incidents/supermarket-health-checks/after.fleet", ("within 4s", "within 2s")),
    "ST4607": _fault("incidents/posthog-slow-starts/after.fleet", ("fails after 30s", "fails after 20s")),
    "ST4701": _fault("scenarios/bursty-desk.fleet", ("limit 500 pending", "limit 3 in flight"), also="ST4501"),
    "ST4702": _fault("scenarios/bursty-desk.fleet", ("limit 500 pending", "limit 100_000 in flight")),
    "ST4703": _fault("scenarios/black-friday.fleet", ("admit at most 1_900/s", "admit at most 1_500/s"), also="ST4501"),
    "ST4704": _fault("scenarios/black-friday.fleet", ("{ timeout 200ms }", "{ timeout 200ms; admit at most 200/s }")),
    "ST4705": _row(11, ("shed low priority", "shed lowest priority")),
    "ST4706": _row(11, ("shed low priority", "shed normal priority")),
    "ST4707": _row(11, ("when p95 > 5s", "when p95 > 1s")),
    # ST5 control loops
    "ST5101": _row(30, ("scale on busy 50%", "scale on busy 100%")),
    "ST5102": _row(31, ("scale on busy 85%", "scale on busy 42%")),
    "ST5103": _row(14, ("startup 10s", "startup 1_000s")),
    "ST5104": _row(37, ("agents 40..120", "agents 2..120"), ("startup 2s", "startup 20s"), also="ST5103 ST5111"),
    "ST5105": _fault(
        "incidents/slack-cpu-of-waiting-threads/after.fleet", ("busy 50%", "cpu 50%"), also="ST2101 ST5102"
    ),
    "ST5106": _row(
        30, ("agents 10..80", "agents 1..80"), ("busy 50%", "in flight 6 per agent"), also="ST2302 ST2303 ST5101"
    ),
    "ST5111": _fault("incidents/launch-at-fifty-times/after.fleet", ("rises at most 600/s", "rises at most 60_000/s")),
    # ST6 coordination
    "ST6101": _row(28, ("tolerate 2 crashed", "tolerate 4 crashed")),
    "ST6102": _row(28, ("members 5; majority 1/2", "members 5; majority 1/4")),
    "ST6103": _row(28, ("members 5; majority 1/2", "members 10; majority 1/2")),
    "ST6104": _row(28, ("survive loss of 1 zone", "survive loss of 2 zones")),
    "ST6105": _row(28, ("within 5s; round 1s", "within 500ms; round 1s")),
    "ST6106": _row(28, ("agents 9", "agents 9\n    disrupt at most 7 agents")),
    "ST6301": _row(22, ("groups of 100", "groups of 70"), also="ST6302"),
    "ST6302": _row(22, ("in random groups", "in groups")),
    "ST6303": _row(22, ("remember 10m", "remember 1s")),
    "ST6304": _row(22, ("remember 10m", "remember 10m\n    tolerate 2 crashed")),
    "ST6310": _row(24, ("divisions 4", "divisions 8")),
    "ST6311": _row(23, ("agents 6", "agents 5")),
    "ST6312": _row(24, ("escalate within 1m", "escalate within 2m")),
    "ST6313": _row(24, ("pattern tree", "pattern direct")),
    "ST6314": _row(25, ("at most 2m", "at most 20s")),
    "ST6320": _row(32, ("  consensus course among desk { members 5; majority 1/2; tolerate 1 crashed }\n", "")),
    "ST6321": _row(32, ("normal 500ms", "normal 1ms")),
    "ST6322": _row(32, ("; break after 3 errors { eject at most 50% for 10s }", "")),
    "ST6323": _row(
        32,
        ("crisis alarm {", "guarantee recovery within 5m\n  trial t { kill 1 agent of desk at 10s }\n  crisis alarm {"),
    ),
    "ST6330": _row(33, ("answers within 5m", "answers within 50m")),
    "ST6331": _row(33, ("people 2", "people 1"), also="ST6330"),
    "ST6332": _row(33, ("drain 5s", "drain 10s")),
    "ST6340": _row(
        25,
        ("  call buyers -> sellers\n", ""),
        ("negotiation deal", "secure { only declared calls }\n  negotiation deal"),
    ),
    "ST6341": _row(34, ("call desk -> solver", "call desk -> solver 0 per request")),
}
