"""A number of pools -> the text of a fleet of that size, the same each time.

Invariant: pools come in groups of ten, each with a demand of its own, calls among its members and to two shared
dependencies, so that all families of guarantees have something to decide; with `refuted` a share of the pools has too
few agents.
"""

from __future__ import annotations

GROUP = 10
_PATIENCE = (3000, 1200, 1200, 400, 400)
"""Milliseconds, by the caller's place in its group: each has time for its two calls and its own work."""
_NET = "retry 2 { budget 50% }; break after 3 errors { eject at most 40% for 10s }"
_TEMPLATE = (
    "  dependency cache { limit 10M requests/s; latency p50 1ms, p99 5ms }",
    "  let wait = 20ms",
    "  template worker {",
    "    disrupt at most 30%; agents 4..40; scale on busy 40% { up within 3m; at most 100% per 15s }",
    "    each { cpu 500m; memory 512Mi; price $0.02/h; concurrency 4; startup 5s; service mean 20ms, p99 90ms }",
    "  }",
)


def fleet(pools: int, *, refuted: int = 0) -> str:
    """The spec. `refuted`: how many pools cannot keep up with their demand, one in a group."""
    parts = [line for index in range(pools) for line in _pool(index, refuted)]
    calls = [line for index in range(pools) for line in _calls(index, pools)]
    return "\n".join([*_head(pools), *parts, *calls, *_tail(pools)]) + "\n"


def like_a_template(pools: int) -> str:
    """The same number of pools, each like one template, with names for values that several have in common."""
    lines = [*_head(pools), *_TEMPLATE]
    for index in range(pools):
        group, place = divmod(index, GROUP)
        if place == 0:
            lines.append(f"  demand d{group} {{ steady 25/s; peak 80/s for 10m every 1d; rises at most 60/s per 1m }}")
        serves = f"serves d{group} {{ timeout 30s; try timeout 8s; {_NET} }}; " if place == 0 else ""
        own = f"each {{ startup 5s; service mean {12 + place}ms, p99 {70 + place}ms }}"
        lines += [f"  pool p{index} like worker {{ {serves}{own} }}", *_calls(index, pools)]
        lines.append(f"  call p{index} -> cache 1 per request {{ timeout $wait }}")
    return "\n".join([*lines, *_tail(pools)]) + "\n"


def in_a_loop(pools: int) -> str:
    """All pools but one come of a loop, each with a demand of its own."""
    lines = [
        *_head(pools),
        *_TEMPLATE,
        "  demand d0 { steady 25/s; peak 80/s for 10m every 1d }",
        f"  pool p0 like worker {{ serves d0 {{ timeout 30s; try timeout 8s; {_NET} }}; each {{ startup 5s }} }}",
        f"  for n in 1..{pools - 1} {{",
        "    demand d$n { steady 25/s; peak 80/s for 10m every 1d; rises at most 60/s per 1m }",
        f"    pool p$n like worker {{ serves d$n {{ timeout 30s; try timeout 8s; {_NET} }} }}",
        "    call p$n -> cache 1 per request { timeout $wait }",
        "  }",
    ]
    return "\n".join([*lines, *_tail(pools)]) + "\n"


def files(pools: int, each: int = 100) -> dict[str, str]:
    """The same spec over many files, by their names: `main.fleet` uses a folder of files with `each` pools."""
    made = {"main.fleet": "\n".join([*_head(pools), '  use "pools"', *_tail(pools)]) + "\n"}
    for start in range(0, pools, each):
        here = range(start, min(start + each, pools))
        lines = [line for index in here for line in (*_pool(index), *_calls(index, pools))]
        made[f"pools/from-{start:05}.fleet"] = "\n".join(lines) + "\n"
    return made


def _head(pools: int) -> list[str]:
    return [
        "language 1",
        "fleet synthetic {",
        f"  nodes n {{ count {pools * 4}; cpu 32; memory 128Gi; zones 3; price $1/h }}",
        f"  dependency api {{ limit {pools * 100} requests/s; latency p50 20ms, p99 90ms }}",
        f"  dependency db {{ connections {pools * 120}; latency p50 2ms, p99 9ms }}",
    ]


def _pool(index: int, refuted: int = 0) -> list[str]:
    """A pool, with the demand of its group before the first."""
    group, place = divmod(index, GROUP)
    lines: list[str] = []
    serves = ""
    if place == 0:
        lines.append(
            f"  demand d{group} {{ steady {25 + group % 11}/s; peak {80 + group % 23}/s for 10m every 1d; "
            "rises at most 60/s per 1m }"
        )
        serves = f"serves d{group} {{ timeout 30s; try timeout 8s; {_NET} }}; "
    short = place == 1 and group < refuted
    agents = "1..2; scale on rate 20/s per agent" if short else "4..40; scale on busy 40%"
    lines.append(
        f"  pool p{index} {{ {serves}disrupt at most 30%; "
        f"agents {agents} {{ up within 3m; at most 100% per 15s }}; "
        f"each {{ cpu 500m; memory 512Mi; price $0.02/h; concurrency 4; startup 5s; "
        f"service mean {12 + place + index * 7 % 13}ms, p99 {70 + place + index * 11 % 29}ms; "
        f"holds 1 connection to db }} }}"
    )
    return lines


def _calls(index: int, pools: int) -> list[str]:
    """The calls of a pool: to two of its group and to both dependencies. With `serves`, three edges for each pool."""
    group, place = divmod(index, GROUP)
    lines: list[str] = []
    for callee in (2 * place + 1, 2 * place + 2):
        target = group * GROUP + callee
        if callee < GROUP and target < pools:
            lines.append(
                f"  call p{index} -> p{target} 0.8 per request {{ timeout {_PATIENCE[place]}ms; "
                f"break after 3 errors {{ eject at most 40% for 10s }} }}"
            )
    return [
        *lines,
        f"  call p{index} -> api 0.1 per request {{ timeout 200ms }}",
        f"  call p{index} -> db {1 + index % 3} per request {{ timeout {20 + index % 7}ms }}",
    ]


def _tail(pools: int) -> list[str]:
    return [
        f"  budget compute ${pools * 1000}/day",
        "  guarantee latency p99 < 5s",
        "  guarantee success 95% over 30d",
        "  guarantee recovery within 2m",
        "  guarantee amplification < 5",
        "  trial t { scale 1/10; duration 60s; kill 20% of p0 at 20s }",
        "}",
    ]
