"""The support desk, broken by one change each, in the ways in which people break specs: what is to be told of each.

`codes` are those of the guarantees that are refuted. Where a decision mends it `check --fix` ends with nothing
refuted; `stands` names why it cannot: only a fact or a promise would do, or several decisions together.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DESK = (Path(__file__).parents[2] / "specs" / "support.fleet").read_text(encoding="utf-8")
TRIAGE = "    agents 40..100\n    each {\n      cpu 250m\n      memory 256Mi"
NET = (
    "      retry 2 { backoff 25ms up to 100ms; budget 20% }\n      break after 3 errors { eject at most 50% for 10s }\n"
)


@dataclass(frozen=True, slots=True)
class Broken:
    changes: tuple[tuple[str, str], ...]
    codes: frozenset[str]
    stands: bool = False

    @property
    def text(self) -> str:
        text = DESK
        for old, new in self.changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        return text


def _one(old: str, new: str, codes: str, *, stands: bool = False) -> Broken:
    return Broken(((old, new),), frozenset(codes.split()), stands)


BROKEN: dict[str, Broken] = {
    "ten times the peak": _one("peak 600/s", "peak 6_000/s", "ST2101 ST2104 ST2302 ST2303 ST5102", stands=True),
    "too few agents": _one(TRIAGE, TRIAGE.replace("40..100", "4..10"), "ST2101 ST2104 ST4401 ST5102"),
    "too few nodes": _one("count 3..12", "count 3..5", "ST2102 ST2103"),
    "too few nodes after a zone": _one("count 3..12", "count 3..10", "ST2103"),
    "two zones to survive": _one("survive loss of 1 zone", "survive loss of 2 zones", "ST2103 ST6104", stands=True),
    "half the compute budget": _one("$400/day", "$200/day", "ST2201", stands=True),
    "half the token budget": _one("$3_000/day", "$1_000/day", "ST2201", stands=True),
    "a smaller bill": _one("$100_000/month", "$40_000/month", "ST2201", stands=True),
    "a price without its point": _one("$0.10 / 1M", "$10 / 1M", "ST2201", stands=True),
    "dollars for cents": _one("price $0.02/h", "price $2/h", "ST2201", stands=True),
    "fewer connections": _one("connections 600", "connections 280", "ST2301"),
    "ten connections each": _one("holds 1 connection", "holds 10 connections", "ST2301"),
    "a smaller database": _one("limit 5_000 requests/s", "limit 500 requests/s", "ST2302", stands=True),
    "a smaller model": _one("limit 1_000 requests/s", "limit 400 requests/s", "ST2302", stands=True),
    "fewer tokens": _one("30M tokens/min", "10M tokens/min", "ST2303", stands=True),
    "a hundred times the tokens": _one("tokens 600", "tokens 60_000", "ST2201 ST2303", stands=True),
    "twenty retries": _one("retry 2 {", "retry 20 {", "ST4201"),
    "no time to retry": _one("timeout 6s", "timeout 2s", "ST4201"),
    "a callee more patient than its caller": _one("tokens 600; timeout 1s", "tokens 600; timeout 3s", "ST4202"),
    "a timeout below p99": _one("timeout 100ms", "timeout 10ms", "ST4204"),
    "an ejection of nobody": _one("eject at most 50%", "eject at most 1%", "ST4301"),
    "an ejection of all": _one("eject at most 50%", "eject at most 100%", "ST4301"),
    "no eviction": _one("disrupt at most 10%", "disrupt at most 1%", "ST4401"),
    "three faults of five": _one("tolerate 1 crashed", "tolerate 3 crashed", "ST6101"),
    "a third for a majority": _one("majority 1/2", "majority 1/3", "ST6102"),
    "more members than agents": _one("members 5", "members 50", "ST6103"),
    "an even number of members": _one("members 5", "members 4", "ST6104"),
    "no time for a round": _one("within 5s", "within 300ms", "ST6105", stands=True),
    "seconds for milliseconds": _one("round 200ms", "round 200s", "ST6105", stands=True),
    "a target of all slots": _one("scale on busy 25%", "scale on busy 100%", "ST5101"),
    "a target out of reach": _one("scale on busy 25%", "scale on busy 5%", "ST5102"),
    "one slot each": _one("concurrency 4", "concurrency 1", "ST5102"),
    "a slow start": _one("startup 2s", "startup 120s", "ST5103"),
    "gigabytes for megabytes": _one("memory 256Mi", "memory 256Gi", "ST2102 ST2103", stands=True),
    "cores for thousandths": _one("cpu 250m", "cpu 250", "ST2102 ST2103", stands=True),
    "seconds of service": _one(
        "mean 30ms, p99 120ms", "mean 30s, p99 120s", "ST2101 ST2104 ST2401 ST4204 ST5102", stands=True
    ),
    "cpu as the signal": _one("scale on busy 25%", "scale on cpu 60%", "ST5105", stands=True),
    "no net": _one(NET, "", ""),
    "four nines": _one("success 99%", "success 99.99%", ""),
    "a latency below the bound": _one("p95 < 1500ms", "p95 < 400ms", ""),
    "a quick recovery": _one("recovery within 30s", "recovery within 5s", ""),
    "no latency of the model": _one("    latency p50 80ms, p99 300ms\n", "", ""),
}
