"""What a message bids to write is told in the notation of the file that it is about."""

from __future__ import annotations

import pytest

from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity
from seatrial.dsl.exchange import Notation, parse_any, write
from seatrial.dsl.exchange.hints import in_its_form
from seatrial.dsl.source import Source, Span


def told(path: str, help_: str) -> str:
    at = Span(Source(path, "x"), 0, 1)
    return in_its_form(Diagnostic("ST1002", Severity.ERROR, "", (Label(at),), help=help_)).help


CASES = [
    ("write `timeout 2s`", "write `timeout: 2s`", 'write `"timeout": "2s"`'),
    ("write `price $…/h` in `each`", "write `price: $…/h` in `each`", 'write `"price": "$…/h"` in `each`'),
    ("`disrupt at most 1 agent`", "`disrupt_at_most: {count: 1}`", '`"disrupt_at_most": {"count": 1}`'),
    ('`image "registry.example/p:1"`', '`image: "registry.example/p:1"`', '`"image": "registry.example/p:1"`'),
    ("add: steady RATE", "add `steady`: a rate such as 400/s", "add `steady`: a rate such as 400/s"),
    (
        "`for shard in 1..8 { … }`",
        "`for: [{variable: shard, values: [1..8]}]`",
        '`"for": [{"variable": "shard", "values": ["1..8"]}]`',
    ),
    (
        "an `environment` may say `route least loaded`",
        "an `environment` may say `route_least_loaded: true`",
        'an `environment` may say `"route_least_loaded": true`',
    ),
    ("a smaller `holds at most`", "a smaller `holds_at_most`", "a smaller `holds_at_most`"),
    (
        "`scale on busy` says it",
        "`scale_on: {signal: busy, share: …}` says it",
        '`"scale_on": {"signal": "busy", "share": "…"}` says it',
    ),
    # What is no clause stays as it is.
    ("did you mean `pool triage`?", "did you mean `pool triage`?", "did you mean `pool triage`?"),
    ("write `1..3`", "write `1..3`", "write `1..3`"),
]


@pytest.mark.parametrize(("help_", "yaml", "json"), CASES)
def test_a_clause_is_told_as_the_file_has_it(help_: str, yaml: str, json: str) -> None:
    assert (told("f.fleet", help_), told("f.yaml", help_), told("f.json", help_)) == (help_, yaml, json)


SPEC = """fleet f {
  demand d { steady 5/s }
  pool p { serves d; agents 1..3; each { service mean 10ms, p99 40ms }; scale on busy 50% }
  pool q { agents 3 }
  call p -> q
  guarantee success 99%
}"""


def test_a_message_is_told_as_the_file_has_it_too() -> None:
    at = Span(Source("f.yaml", "x"), 0, 1)
    one = Diagnostic("ST3002", Severity.ERROR, "all alike; write `priority low` in a pool", (Label(at),))
    assert in_its_form(one).message == "all alike; write `priority: low` in a pool"


def test_what_it_bids_to_write_can_be_written() -> None:
    """The help of a warning, put into the document, is read as the clause that it stands for."""
    file, _ = parse_any(Source("f.fleet", SPEC))
    assert file is not None
    text = write(file, Notation.YAML)
    assert isinstance(text, str)
    helps = [one.help for one in judge(read(Source("f.yaml", text)), {}).diagnostics]
    assert "write `agents: 2..3` and `disrupt_at_most: {count: 1}`" in helps
    mended = text.replace("agents: 1..3", "agents: 2..3\n        disrupt_at_most: {count: 1}")
    again = judge(read(Source("f.yaml", mended)), {}).diagnostics
    assert "ST1203" not in {one.code for one in again} and not any(one.is_error for one in again)


def test_a_name_that_is_none_is_told_with_the_rule_in_a_document() -> None:
    pools = "{x--y: {serves: d, agents: 3}, 9bad: {agents: 3}}"
    text = f"fleet:\n  f:\n    demand: {{d: {{steady: 5/s}}}}\n    pool: {pools}\n"
    found = judge(read(Source("f.yaml", text)), {}).diagnostics
    named = [one.help.rpartition("; ")[2] for one in found if one.code == "ST1105"]
    assert named == ["write `x-y`", "write `bad-9`"]
