"""Diagnostics are written as the library writes them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types
from pygls.protocol import default_converter

from seatrial.lsp.wire import converter

POSITIONS = st.builds(types.Position, st.integers(0, 9), st.integers(0, 9))
RANGES = st.builds(types.Range, POSITIONS, POSITIONS)
RELATED = st.builds(
    types.DiagnosticRelatedInformation, st.builds(types.Location, st.just("file:///t.fleet"), RANGES), st.text()
)
DIAGNOSTICS = st.builds(
    types.Diagnostic,
    RANGES,
    st.text(),
    severity=st.none() | st.sampled_from(types.DiagnosticSeverity),
    code=st.just("ST2201"),
    code_description=st.none() | st.just(types.CodeDescription("seatrial:ST2201.md")),
    source=st.just("seatrial"),
    related_information=st.none() | st.lists(RELATED, max_size=2),
    data=st.none() | st.just({"explain": "seatrial explain ST2201"}),
)

OURS, THEIRS = converter(), default_converter()  # type: ignore[no-untyped-call]


@given(st.lists(DIAGNOSTICS, max_size=3))
def test_diagnostics_are_written_as_the_library_writes_them(given: list[types.Diagnostic]) -> None:
    params = types.PublishDiagnosticsParams("file:///t.fleet", given, 1)
    assert OURS.unstructure(params) == THEIRS.unstructure(params)
