"""Diagnostics as the protocol's types -> what is written to an editor.

Invariant: what comes out is what the library's own converter makes of it, only sooner: a large spec has thousands, sent
at each key.
"""

from __future__ import annotations

from typing import Any

from cattrs import Converter
from lsprotocol import types
from pygls.protocol import default_converter

_NONE = (None, None, None)


def converter() -> Converter:
    """The library's, but for diagnostics."""
    made: Converter = default_converter()  # type: ignore[no-untyped-call]
    usual = made.get_unstructure_hook(types.Diagnostic)

    def diagnostic(one: types.Diagnostic) -> dict[str, Any]:
        seldom = (one.related_information, one.code_description, one.tags)
        if seldom != _NONE or None in (one.severity, one.code, one.source, one.data):
            return usual(one)  # type: ignore[no-any-return]
        start, end = one.range.start, one.range.end
        return {
            "range": {
                "start": {"line": start.line, "character": start.character},
                "end": {"line": end.line, "character": end.character},
            },
            "message": one.message,
            "severity": one.severity,
            "code": one.code,
            "source": one.source,
            "data": one.data,
        }

    made.register_unstructure_hook(types.Diagnostic, diagnostic)
    return made
