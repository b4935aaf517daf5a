"""Checked specs -> the text of a report, in one of the formats that people and machines read.

Invariant: each format tells of the same diagnostics, and none has a say in the exit code; of very many of one code all
but json tell the first, and how many more there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seatrial import __version__

if TYPE_CHECKING:
    # An answer from the cache needs the names of the formats and nothing else.
    from seatrial.compiler.pipeline import Checked
    from seatrial.dsl.diagnostics import Diagnostic

FORMATS = ("text", "json", "sarif", "github", "junit")
_ALL = "`seatrial check --format json` has all of them"


def rendered(style: str, results: Sequence[Checked], defaults: bool = False) -> str:
    """The report in one of FORMATS but text, with its last line end. `defaults`: with `defaults[]`, in json only."""
    # A format's module is imported when it is asked for.
    match style:
        case "json":
            from .formats_json import render_json

            return render_json(results, defaults)
        case "sarif":
            from seatrial.dsl.diagnostics.fewer import IN_LOG, fewer
            from seatrial.dsl.diagnostics.sarif import render_sarif

            readable = all(result.fleet is not None for result in results)
            return render_sarif(fewer(_diagnostics(results), IN_LOG, _ALL), __version__, readable)
        case "github":
            from seatrial.dsl.diagnostics.fewer import fewer
            from seatrial.dsl.diagnostics.github import render_github

            return render_github(fewer(_diagnostics(results), way=_ALL))
        case "junit":
            from .formats_junit import render_junit

            return render_junit(results, _ALL)
    raise ValueError(style)


def _diagnostics(results: Sequence[Checked]) -> list[Diagnostic]:
    # What is told of a file that two specs use is told once.
    return list(dict.fromkeys(one for result in results for one in result.diagnostics))
