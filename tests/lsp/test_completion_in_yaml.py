"""In a spec in YAML a half-typed line is answered from the lines around it."""

from __future__ import annotations

import pytest

from seatrial.lsp.completion import complete
from seatrial.lsp.document import Document
from seatrial.lsp.hover import hover
from seatrial.lsp.judged import Known

from .editor import alone

SPEC = """language: 1
# A support desk.
fleet:
  desk:
    title: Support desk
    demand:
      tickets:
        steady: 5/s
    dependency:
      db: {connections: 20}
    pool:
      triage:
        serves:
          - demand: tickets
            timeout: 2s
        agents: 2..4
        each: {concurrency: 4, service: {mean: 30ms, p99: 90ms}}
        <POOL>
    call:
      - caller: triage
        <CALL>
    budget:
      - scope: agents
        <BUDGET>
    <FLEET>
"""
PLACES = ("POOL", "CALL", "BUDGET", "FLEET")


def _document(**lines: str) -> tuple[Document, int]:
    """The text with a line at one of its places, and where the `|` in it stands."""
    text = SPEC
    for place in PLACES:
        text = text.replace(f"<{place}>", lines.get(place, "")) if place in lines else text.replace(f"<{place}>", "")
    offset = text.index("|")
    return Document("file:///t.yaml", "t.yaml", text.replace("|", "", 1), 1), offset


def _offered(**lines: str) -> list[str]:
    given, offset = _document(**lines)
    return [one.label for one in complete(given, offset, snippets=False, mentions=alone(given))]


@pytest.mark.parametrize("typed", ["|", "sca|", "health_every: 10s\n        d|"])
def test_in_a_block_the_keys_that_are_not_said_yet(typed: str) -> None:
    offered = _offered(POOL=typed)
    assert {"scale_on", "drain", "image"} <= set(offered)
    assert not {"agents", "each", "steady", "pool", "timeout"} & set(offered)
    assert ("health_every" in offered) == ("health_every" not in typed)


def test_at_the_top_in_the_fleet_and_in_a_clause_in_a_list() -> None:
    assert {"guarantee_latency", "trial", "survive_loss_of"} <= set(_offered(FLEET="|"))
    assert "demand" not in _offered(FLEET="gua|")
    offered = _offered(CALL="t|")
    assert {"callee", "times", "timeout", "retry"} <= set(offered) and "caller" not in offered
    given = Document("file:///t.yaml", "t.yaml", "la", 1)
    found = [one.label for one in complete(given, 2, snippets=False, mentions=alone(given))]
    assert {"language", "fleet", "use"} <= set(found)


def test_values_words_names_and_units() -> None:
    assert _offered(BUDGET="dollars: $2.5|") == ["$2.5/h", "$2.5/hour", "$2.5/d", "$2.5/day", "$2.5/month"]
    assert {"30s", "30ms"} <= set(_offered(POOL="drain: 30|"))
    assert set(_offered(CALL="callee: |")) == {"db", "triage"}
    assert "normal" in _offered(POOL="priority: |")
    assert _offered(POOL="serves:\n          - de|")[:1] == ["demand"]
    assert _offered(POOL="on:\n          - |", FLEET="nodes: {general: {count: 3}}") == ["general"]
    assert _offered(POOL="scale_on: {sig|")[:1] == ["signal"]
    assert {"busy", "cpu"} <= set(_offered(POOL="scale_on: {signal: |"))


@pytest.mark.parametrize("typed", ["# dr|", 'image: "dr|', "nothing: {of: |", "drain: 30s 4|", "- |"])
def test_nothing_where_nothing_is_known(typed: str) -> None:
    assert _offered(POOL=typed) == []


def test_every_place_is_answered() -> None:
    """Whatever half-typed line stands there: what is offered takes the place of what was typed."""
    given, _ = _document(POOL="scale_on: {signal: bu|")
    for offset in range(len(given.text) + 1):
        for one in complete(given, offset, snippets=False, mentions=alone(given)):
            assert one.text_edit is not None and one.label


def test_hover_has_the_keys_of_the_file() -> None:
    given, offset = _document(POOL="scale_on: {sig|nal: busy, share: 60%}")
    found = hover(given, given.text.index("2s"), alone(given), Known())
    told = getattr(found and found.contents, "value", "")
    assert "```yaml\ntimeout: DURATION\n```" in told and "= 2 s" in told
    told = getattr(getattr(hover(given, offset, alone(given), Known()), "contents", None), "value", "")
    assert "```yaml\nscale_on: {" in told and "```fleet" not in told
