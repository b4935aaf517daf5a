"""JSON -> tree, with the place of everything, as RFC 8259 has it.

A reader of its own: the standard library's forgets places and duplicate keys, and a YAML reader refuses tabs.
Invariant: no text makes `read_json` raise, and depth and size are bounded.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn

from ..diagnostics import Diagnostic
from ..parse import MAX_BYTES, MAX_DEPTH
from ..source import Source, Span
from .tree import Document, Fields, Items, Node, Scalar, Style, error, number
from .yaml_text import twice

_BLANK = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_LITERAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9A-Za-z_.])|(?:true|false|null)\b")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"[^\s,:\[\]{}\"']{1,40}(?![^\s,:\[\]{}])")
_WORDS = {
    "True": "JSON writes it `true`",
    "False": "leave the key out: what is not said does not hold",
    "None": "leave the key out",
    "undefined": "leave the key out",
    "Infinity": "write a number in digits",
    "NaN": "write a number in digits",
}
"""What other languages write where a value stands."""
_BEFORE_AN_END = {
    ",": "is the comma before it one too many?",
    ":": "write a value behind the `:`, or leave the key out",
}


class _GiveUp(Exception):
    """JSON has no place to go on behind an error."""


def read_json(source: Source) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """The tree of a text and what is wrong with it; None where it is no JSON, too large or too deep."""
    reader = _Reader(source)
    try:
        if len(source.text) > MAX_BYTES:
            reader.stop("ST0004", f"the file has more than the {MAX_BYTES:,} characters that are read", 0)
        root = None if not source.text.strip(" \t\r\n") else reader.document()
    except _GiveUp:
        return None, tuple(reader.found)
    return Document(source, root, ()), tuple(reader.found)


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source, self.text = source, source.text
        self.found: list[Diagnostic] = []
        self.at = 0
        self.open: list[int] = []
        """Where the braces and brackets stand that are open."""
        self.slanted: list[int] = []
        """Those that are closed by one at the beginning of a line that stands further left or right than their own."""

    def stop(self, code: str, message: str, at: int, help_: str = "") -> NoReturn:
        self.found.append(error(code, message, Span(self.source, at, min(at + 1, len(self.text))), help_))
        raise _GiveUp

    def document(self) -> Node:
        root = self._value(0)
        self._blank()
        if self.at < len(self.text):
            self._not_json("nothing can stand behind the end of the document")
        return root

    def _value(self, depth: int) -> Node:
        self._blank()
        if depth > MAX_DEPTH:
            self.stop("ST0004", f"values are nested more than {MAX_DEPTH} deep", self.at)
        start = self.at
        char = self.text[start : start + 1]
        if char == "{":
            return self._fields(start, depth)
        if char == "[":
            return self._items(start, depth)
        if char == '"':
            return self._string()
        match = _LITERAL.match(self.text, start)
        if match is None:
            self._not_json("a value is expected here", wants_value=True)
        self.at = match.end()
        text, span = match.group(), Span(self.source, start, match.end())
        if text == "null":
            return Scalar(text, span, Style.NOTHING)
        return Scalar(number(text), span, Style.LITERAL, start if number(text) == text else None)

    def _fields(self, start: int, depth: int) -> Fields:
        fields: dict[str, tuple[Scalar, Node]] = {}
        self._opened(start)
        if not self._took("}"):
            while True:
                self._blank()
                if self.text[self.at : self.at + 1] != '"':
                    self._not_json("a key in double quotes is expected here", wants_value=True)
                key = self._string()
                self._expect(":")
                value = self._value(depth + 1)
                if key.text in fields:
                    self.found.append(twice(key, fields[key.text][0]))
                else:
                    fields[key.text] = (key, value)
                if self._took("}"):
                    break
                self._expect(",", "`,` or `}`")
        self._closed()
        return Fields(tuple(fields.values()), Span(self.source, start, self.at))

    def _items(self, start: int, depth: int) -> Items:
        items: list[Node] = []
        self._opened(start)
        if not self._took("]"):
            while True:
                items.append(self._value(depth + 1))
                if self._took("]"):
                    break
                self._expect(",", "`,` or `]`")
        self._closed()
        return Items(tuple(items), Span(self.source, start, self.at))

    def _string(self) -> Scalar:
        match = _STRING.match(self.text, self.at)
        if match is None:
            self._not_json("this string is not closed, or holds an escape that JSON does not have")
        text: str = json.loads(match.group())
        span = Span(self.source, match.start(), match.end())
        if _SURROGATE.search(text):
            help_ = "`\\ud83d\\ude00` is one character in two halves: write the other half too, or the character itself"
            self.stop("ST0101", "this is not JSON: this string holds half a character", self.at, help_)
        self.at = match.end()
        return Scalar(text, span, Style.TEXT, match.start() + 1 if match.group()[1:-1] == text else None)

    def _blank(self) -> None:
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match is not None else self.at

    def _took(self, char: str) -> bool:
        self._blank()
        if self.text[self.at : self.at + 1] != char:
            return False
        self.at += 1
        return True

    def _expect(self, char: str, said: str = "") -> None:
        if not self._took(char):
            self._not_json(f"{said or f'`{char}`'} is expected here")

    def _opened(self, start: int) -> None:
        self.open.append(start)
        self.at = start + 1

    def _closed(self) -> None:
        start, end = self.open.pop(), self.at - 1
        line = self.text.rfind("\n", 0, end) + 1
        begins = not self.text[line:end].strip()
        if begins and self.text.rfind("\n", 0, start) + 1 != line and end - line != self._indented(start):
            self.slanted.append(start)

    def _indented(self, at: int) -> int:
        line = self.text.rfind("\n", 0, at) + 1
        return len(self.text[line:at]) - len(self.text[line:at].lstrip())

    def _unclosed(self) -> NoReturn:
        """At the end of the text. The one that lacks its end is the first that has another one's, by how they are
        indented."""
        at = self.slanted[0] if self.slanted else self.open[-1]
        sign = {"{": "}", "[": "]"}[self.text[at]]
        self.stop("ST0101", f"this is not JSON: this `{self.text[at]}` is never closed", at, f"is a `{sign}` missing?")

    def _not_json(self, what: str, *, wants_value: bool = False) -> NoReturn:
        rest = self.text[self.at :]
        if not rest and self.open:
            self._unclosed()
        help_ = ""
        if rest.startswith(("//", "/*", "#")):
            help_ = "JSON has no comments; YAML has"
        elif rest[:1] in ("}", "]"):
            before = self.text[: self.at].rstrip()[-1:]
            help_ = _BEFORE_AN_END.get(before, "")
        elif rest[:1] == "'":
            help_ = 'JSON has double quotes only: "…"'
        elif wants_value and (word := _WORD.match(rest)):
            said = word.group().lstrip("+")
            help_ = _WORDS.get(said.lstrip("-"), f'write it in quotes: "{said}"')
        self.stop("ST0101", f"this is not JSON: {what}", self.at, help_)
