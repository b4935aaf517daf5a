"""The registry -> a TextMate grammar, for highlighters that do not speak with a server.

`python -m seatrial.lsp.textmate` prints `editors/vscode/syntaxes/fleet.tmLanguage.json`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator

from seatrial.dsl.forms import ROOT, walk
from seatrial.dsl.forms.naming import declares
from seatrial.dsl.phrases import Element, Hole, Literal, Optional, Repeat, compiled, holes

_NAME = r"\$?[A-Za-z_][A-Za-z0-9_]*(?:(?:-\$?|\$)[A-Za-z0-9_]+)*"
_QUANTITY = r"(?<![A-Za-z0-9_-])(?:x|\$)?[0-9][0-9_]*(?:\.[0-9]+)?(?:[A-Za-z\u00b5%]+)?(?:/(?:[0-9][0-9_]*|[A-Za-z]+))?"
_ALONE = r"(?![A-Za-z0-9_/-])"


def grammar() -> str:
    """The grammar as JSON, the same for the same registry."""
    forms = [form for _, form in walk(ROOT)]
    openings = {form.opening for form in forms}
    declaring = {
        form.opening
        for form in forms
        for hole in holes(compiled(form.phrase))[:1]
        if hole.kind == "name" and declares(form, hole.field) == form.slot
    }
    words: set[str] = set()
    choices: set[str] = set()
    for form in forms:
        for element in _flat(compiled(form.phrase)[1:]):
            if isinstance(element, Literal) and element.text[0].isalpha():
                words.add(element.text)
            elif isinstance(element, Hole):
                choices |= {word for choice in element.choices for word in choice}
    begins = r"(?:^|(?<=[{;]))\s*"
    patterns: list[object] = [
        {"name": "comment.line.number-sign.fleet", "match": "#.*$"},
        {
            "name": "string.quoted.double.fleet",
            "begin": '"',
            "end": r'"|$',
            "patterns": [{"name": "constant.character.escape.fleet", "match": r"\\."}],
        },
        {
            "match": rf"{begins}({_any(declaring)})\s+({_NAME})",
            "captures": {
                "1": {"name": "keyword.declaration.fleet"},
                "2": {"name": "entity.name.type.fleet"},
            },
        },
        {"match": rf"{begins}({_any(openings)}){_ALONE}", "captures": {"1": {"name": "keyword.control.fleet"}}},
        {"name": "variable.other.fleet", "match": r"\$[A-Za-z_][A-Za-z0-9_-]*"},
        {
            "name": "constant.numeric.fleet",
            "match": _QUANTITY,
        },
        {"name": "constant.numeric.quantile.fleet", "match": rf"\bp[0-9]+{_ALONE}"},
        {"name": "constant.language.fleet", "match": rf"(?<![A-Za-z0-9_$-])(?:{_any(choices)}){_ALONE}"},
        {"name": "keyword.other.fleet", "match": rf"(?<![A-Za-z0-9_$-])(?:{_any(words)}){_ALONE}"},
        {"name": "keyword.operator.fleet", "match": r"->|\.\.|<=|>=|[<>=*+]|(?<=\s)[-/](?=\s)"},
        {"name": "punctuation.section.block.fleet", "match": "[{}]"},
        {"name": "punctuation.separator.fleet", "match": "[,;]"},
        {"name": "variable.other.name.fleet", "match": _NAME},
    ]
    made = {
        "name": "fleet",
        "scopeName": "source.fleet",
        "fileTypes": ["fleet"],
        "patterns": patterns,
    }
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _flat(elements: Iterable[Element]) -> Iterator[Element]:
    for element in elements:
        if isinstance(element, Optional | Repeat):
            yield from _flat(element.elements)
        else:
            yield element


def _any(words: set[str]) -> str:
    """The longest first: `requests/min` before `requests`."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


if __name__ == "__main__":
    sys.stdout.write(grammar())
