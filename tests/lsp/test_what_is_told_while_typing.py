"""What is told of a text before the whole of it is judged, and what of an earlier text still stands."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from seatrial.lsp.document import Document
from seatrial.lsp.judged import Judged, Question
from seatrial.lsp.judging import Judging
from seatrial.lsp.lines import Lines, units
from seatrial.lsp.told import Place, Told

from .editor import over
from .test_in_an_editor import SPEC


def _opened(text: str) -> Document:
    return Document("file:///t.fleet", "t.fleet", text, 1)


def _edited(document: Document, old: str, new: str) -> None:
    change = types.TextDocumentContentChangePartial(over(document.text, old), new)
    document.change([change], document.version + 1)


def _codes(document: Document) -> list[str]:
    return [one.code for one in document.told]


def test_a_name_that_nothing_declares_is_told_at_once_as_the_resolver_tells_it() -> None:
    text = SPEC.replace("-> llm", "-> lmm")
    told = _opened(text).told
    judged = next(iter(Judging().stages(Question("t.fleet", text))))
    final = list(Judging().stages(Question("t.fleet", text)))[-1]
    assert [one.code for one in told] == ["ST1011"] and judged.final is False
    assert told[0] in final.told


def test_what_is_told_while_typing_is_also_judged_so() -> None:
    for old, new in (("timeout 6s", "timeout 6"), ("cpu 250m", "cpuu 250m"), ("30ms,", "30ms,,"), ("priority", "x")):
        text = SPEC.replace(old, new)
        final = list(Judging().stages(Question("t.fleet", text)))[-1]
        assert {one.key for one in _opened(text).told} <= {one.key for one in final.told}, new


def test_where_names_are_worked_in_first_it_waits_for_the_judge() -> None:
    text = SPEC.replace("timeout 6s", "timeout $limit").replace("  budget", "  let limit = 6s\n  budget")
    assert _codes(_opened(text)) == []


def test_a_finding_of_the_judge_moves_with_the_text_and_goes_with_its_own() -> None:
    document = _opened(SPEC)
    start = SPEC.index("$400/day")
    finding = Told("ST2201", "error", "too dear", ((Place(start, start + 8), "at most this"),))
    assert document.take_judged(1, Judged(True, (finding,), proved=True))
    _edited(document, "pool triage", "pool sorter-of-tickets")
    moved = next(one for one in document.told if one.code == "ST2201").at
    assert document.text[moved.start : moved.end] == "$400/day"
    _edited(document, "$400/day", "$500/day")
    assert "ST2201" not in _codes(document)


def test_what_was_judged_of_an_older_text_is_not_taken() -> None:
    document = _opened(SPEC)
    _edited(document, "budget compute", "budget  compute")
    assert not document.take_judged(1, Judged(True, (), proved=True))


def test_what_is_told_of_another_file_stays_while_a_piece_at_its_offset_is_typed_in() -> None:
    document = _opened(SPEC)
    start = SPEC.index("timeout 1s")
    elsewhere = Told("ST1101", "error", "no unit", ((Place(start, start + 1, "parts.fleet"), ""),))
    assert document.take_judged(1, Judged(True, (elsewhere,)))
    _edited(document, "timeout 1s", "timeout 2s")
    assert [(one.code, one.at.path) for one in document.told] == [("ST1101", "parts.fleet")]


TEXT = st.text(st.sampled_from("ab \n\r\u00e9\U0001f6a2\u2028{"), max_size=30)


@given(TEXT, st.integers(0, 30))
@settings(max_examples=300)
def test_offsets_and_positions_agree(text: str, at: int) -> None:
    lines, at = Lines(text), min(at, len(text))
    position = lines.position(at)
    back = lines.offset(position)
    # Between the two characters of a line end there is no position of an editor.
    assert back == at or text[back:at] in ("\r",)
    assert position.character == units(text[lines.offset(types.Position(position.line, 0)) : at])


@given(TEXT, st.integers(0, 40), st.integers(0, 40), st.text(max_size=5))
def test_a_range_outside_the_text_changes_what_is_inside(text: str, line: int, character: int, new: str) -> None:
    where = types.Range(types.Position(line, character), types.Position(line + 3, 0))
    changed = Lines(text).changed(where, new)
    assert new in changed and len(changed) <= len(text) + len(new)
