"""YAML -> tree, by the events of PyYAML's parser, so that nothing is built that was not written.

What could surprise is refused with its place: anchors and aliases (a few lines of them can stand for gigabytes), tags,
merge keys, several documents. Invariant: no text makes `read_yaml` raise, and depth and size are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from ..diagnostics import Diagnostic, Label
from ..no_fleet import of_a_cluster
from ..parse import MAX_BYTES, MAX_DEPTH, MAX_ERRORS
from ..source import Source, Span
from ..syntax import Comment
from .tree import Document, Fields, Items, Node, Scalar, Style, error, number

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_COMMENT = re.compile("(?:^|(?<=[ \t\n\r\x85\u2028\u2029]))#[^\n\r\x85\u2028\u2029]*")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _GiveUp(Exception):
    """The rest of the text cannot be read; what is wrong has been told."""


def read_yaml(source: Source) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """The tree of a text and what is wrong with it; None where it is no YAML, too large or too deep."""
    refused = _refused(source)
    if refused is not None:
        return None, (refused,)
    reader = _Reader(source)
    try:
        root = reader.document()
    except _GiveUp:
        return None, tuple(reader.found)
    except yaml.YAMLError as problem:
        reader.found.append(_no_yaml(source, problem))
        return None, tuple(reader.found)
    return Document(source, root, reader.comments()), tuple(reader.found)


def _refused(source: Source) -> Diagnostic | None:
    if len(source.text) > MAX_BYTES:
        return error(
            "ST0004",
            f"the file has {len(source.text):,} characters, more than the {MAX_BYTES:,} that are read",
            Span(source, 0, 0),
            "split the spec over several files",
        )
    stray = _UNREADABLE.search(source.text)
    if stray is not None:
        return error(
            "ST0101",
            f"the character {ascii(stray.group())[1:-1]} cannot stand in YAML",
            Span(source, stray.start(), stray.end()),
            "write it as an escape in double quotes, or delete it",
        )
    return None


_NO_BLANK = re.compile(r" *(?:- +)*\{? *[A-Za-z_]+:[^ ]")
_NO_KEY = "could not find expected ':'"
"""What is no key is found to be none behind it."""


def _no_yaml(source: Source, problem: yaml.YAMLError) -> Diagnostic:
    mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
    if getattr(problem, "problem", None) == _NO_KEY:
        mark = getattr(problem, "context_mark", None) or mark
    what = getattr(problem, "problem", None) or getattr(problem, "reason", None) or "it cannot be read"
    at = min(mark.index, len(source.text)) if mark is not None else 0
    help_ = "indent with spaces" if source.text[at : at + 1] == "\t" else "is a quote, a bracket or a `:` missing?"
    line = source.position(at)[0]
    # What lacks the blank is a text that goes on in the next line, where it is found to be none.
    if any(_NO_BLANK.match(source.line(one)) for one in (line - 1, line) if one > 0):
        help_ = "a blank belongs behind the `:` of a key"
    return error("ST0101", f"this is not YAML: {what}", Span(source, at, min(at + 1, len(source.text))), help_)


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: list[Diagnostic] = []
        self.quoted: list[tuple[int, int]] = []
        self.depth = 0
        self.events: Iterator[Any] = yaml.parse(source.text, Loader=_LOADER)

    def document(self) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1 and isinstance(root, Fields):
                    cluster = next((key for key, _ in root.fields if key.text == "apiVersion"), None)
                    if cluster is not None:
                        self.found.append(of_a_cluster(cluster.span))
                        raise _GiveUp
                if documents > 1:
                    self._refuse(event, "a second document in one file", "put each spec into a file of its own")
                    raise _GiveUp
                continue
            if isinstance(event, yaml.NodeEvent):
                root = self._node(event)
        return root

    def comments(self) -> tuple[Comment, ...]:
        """What stands behind a `#` outside of quotes."""
        out: list[Comment] = []
        quoted = iter(sorted(self.quoted))
        span = next(quoted, None)
        text = self.source.text
        at = 0
        while (match := _COMMENT.search(text, at)) is not None:
            while span is not None and span[1] <= match.start():
                span = next(quoted, None)
            if span is not None and span[0] <= match.start():
                at = span[1]
                continue
            comment = match.group().rstrip()
            out.append(Comment(comment, Span(self.source, match.start(), match.start() + len(comment))))
            at = match.end()
        return tuple(out)

    def _node(self, event: Any) -> Node:
        self._plain_yaml_only(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.AliasEvent):
            return Scalar("", self._span(event), Style.REFUSED)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.found.append(error("ST0004", f"values are nested more than {MAX_DEPTH} deep", self._span(event)))
            raise _GiveUp
        node = self._items(event) if isinstance(event, yaml.SequenceStartEvent) else self._fields(event)
        self.depth -= 1
        return node

    def _items(self, start: Any) -> Items:
        items: list[Node] = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                return Items(tuple(items), self._around(start, event, items))
            items.append(self._node(event))
        raise _GiveUp

    def _fields(self, start: Any) -> Fields:
        fields: dict[str, tuple[Scalar, Node]] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                inner = [value for _, value in fields.values()]
                return Fields(tuple(fields.values()), self._around(start, event, inner))
            key = self._node(event)
            value = self._node(next(self.events))
            if not isinstance(key, Scalar):
                self.found.append(error("ST0102", "a key that is not a word", key.span, "keys are single words"))
            elif key.text == "<<" and key.style is Style.PLAIN:
                self.found.append(error("ST0102", "merge keys are not read", key.span, "write the keys out"))
            elif key.text in fields:
                self.found.append(twice(key, fields[key.text][0]))
            elif key.style is not Style.REFUSED:
                fields[key.text] = (key, value)
        raise _GiveUp

    def _scalar(self, event: Any) -> Scalar:
        span = self._span(event)
        text: str = event.value
        plain = not event.style  # None, or empty where libyaml reads
        if not plain:
            self.quoted.append((span.start, span.end))
        if plain and text in _NOTHING:
            return Scalar(text, span, Style.NOTHING)
        inner = span.start if plain else span.start + 1
        at_place = self.source.text[inner : inner + len(text)] == text
        if plain:
            return Scalar(number(text), span, Style.PLAIN, inner if at_place and number(text) == text else None)
        one_for_one = at_place and event.style in ("'", '"') and inner + len(text) + 1 == span.end
        return Scalar(text, span, Style.TEXT, inner if one_for_one else None)

    def _plain_yaml_only(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, f"the alias `*{event.anchor}`", "write the value out, or use a `let` of the language")
        elif event.anchor is not None:
            self._refuse(event, f"the anchor `&{event.anchor}`", "delete it, and write each value where it is meant")
        if getattr(event, "tag", None) is not None:
            self._refuse(event, f"the tag `{event.tag}`", "delete it: where a value stands says what it is")

    def _refuse(self, event: Any, what: str, help_: str) -> None:
        self.found.append(error("ST0102", f"{what} is not read", self._span(event), help_))
        if len(self.found) >= MAX_ERRORS:
            raise _GiveUp

    def _span(self, event: Any) -> Span:
        return Span(self.source, event.start_mark.index, max(event.start_mark.index, event.end_mark.index))

    def _around(self, start: Any, end: Any, inner: list[Node]) -> Span:
        """A block collection's end event lies behind the blank lines below it: its last value says where it ends."""
        if start.flow_style or not inner:
            return Span(self.source, start.start_mark.index, end.end_mark.index)
        return Span(self.source, start.start_mark.index, max(one.span.end for one in inner))


def twice(key: Scalar, first: Scalar) -> Diagnostic:
    return error(
        "ST0103",
        f"the key `{key.text}` is said twice",
        key.span,
        "keep one of them; what may be said many times is a list",
        Label(first.span, "first said here"),
        label="again here",
    )
