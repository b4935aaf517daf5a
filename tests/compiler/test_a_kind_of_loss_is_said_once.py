"""Of two losses of one kind the lesser says nothing, and what is proved of each would have one name."""

from __future__ import annotations

import pytest

from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.source import Source

SPEC = """fleet f {
  nodes general { count 6; cpu 4; memory 16Gi; zones 3 }
  demand d { steady 5/s }
  pool p { serves d; agents 9; each { cpu 250m; memory 64Mi; service mean 9ms, p99 30ms } }
"""


@pytest.mark.parametrize("what", ["zone", "node"])
def test_it_is_refused(what: str) -> None:
    spec = f"{SPEC}  survive loss of 2 {what}s\n  survive loss of 1 {what}\n}}\n"
    (found,) = [one for one in judge(read(Source("f.fleet", spec)), {}).diagnostics if one.is_error]
    assert found.code == "ST1003" and found.message.startswith(f"`survive loss of 1 {what}` says once more")


SAID_TWICE = [
    "survive 5% of calls to q unanswered",
    "survive loss of pool p, q takes over",
    "bulkhead p | q",
    "contract p -> q { done within 1s for $1 }",
    "quota tokens 10M/min of llm",
]


@pytest.mark.parametrize("clause", SAID_TWICE)
def test_so_is_what_else_has_one_name(clause: str) -> None:
    world = "dependency llm { limit 30M tokens/min }; pool q { agents 3 }; call p -> q; call p -> llm"
    once = judge(read(Source("f.fleet", f"{SPEC} {world}; {clause} }}")), {})
    assert once.fleet is not None
    twice = judge(read(Source("f.fleet", f"{SPEC} {world}; {clause}; {clause} }}")), {})
    assert [one.code for one in twice.diagnostics if one.is_error] == ["ST1003"]


def test_losses_of_two_kinds_are_two_and_each_guarantee_has_a_name_of_its_own() -> None:
    checked = judge(read(Source("f.fleet", f"{SPEC}  survive loss of 2 nodes\n  survive loss of 1 zone\n}}\n")), {})
    ids = [one.id for one in checked.findings]
    assert len(set(ids)) == len(ids) and {"loss/p/zone", "loss/p/node"} <= {*ids}
