"""Whatever is typed, each question has an answer, and each answer lies in the text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from seatrial.dsl.source import Source
from seatrial.lsp import outline
from seatrial.lsp.actions import actions
from seatrial.lsp.completion import complete
from seatrial.lsp.document import Document
from seatrial.lsp.hover import hover
from seatrial.lsp.judged import Known
from seatrial.lsp.renaming import rename
from seatrial.lsp.told import as_lsp

from .editor import alone
from .test_in_an_editor import SPEC

BITS = st.sampled_from(
    ["{", "}", '"', "#", "\n", "\r\n", ";", ",", "pool p {", "$x", "for r in a, b {", "\U0001f6a2", "->", "..", "(",
     "\\", "let x = 5", "like base", "timeout", " 30", "use \"b.fleet\"", "environment e {", "\x00", "\u2028"]
)  # fmt: skip
EDIT = st.tuples(st.floats(0, 1), st.integers(0, 40), st.lists(BITS, max_size=3).map(" ".join))


@given(st.lists(EDIT, min_size=1, max_size=5), st.floats(0, 1))
@settings(max_examples=150, deadline=None)
def test_no_edit_and_no_place_breaks_an_answer(edits: list[tuple[float, int, str]], where: float) -> None:
    document = Document("file:///t.fleet", "t.fleet", SPEC, 1)
    for version, (place, gone, new) in enumerate(edits, 2):
        at = round(place * len(document.text))
        change = types.TextDocumentContentChangePartial(document.lines.range(at, at + gone), new)
        document.change([change], version)
        offset = round(where * len(document.text))
        hover(document, offset, alone(document), Known())
        complete(document, offset, snippets=True, mentions=alone(document))
        rename(document, offset, "other", alone(document))
        outline.symbols(document)
        outline.folds(document)
        tokens = outline.tokens(document)
        assert len(tokens) % 5 == 0 and all(number >= 0 for number in tokens)
        list(
            actions(
                document,
                0,
                len(document.text),
                lambda one: as_lsp(one, "", document.lines, lambda _: None),
                lambda _: None,
            )
        )
        assert all(0 <= one.start <= one.end <= len(document.text) for one in document.names.all)
        for one in document.told:
            assert 0 <= one.at.start <= one.at.end <= len(document.text), one
        document.snapshot.file(Source("t.fleet", document.text))
