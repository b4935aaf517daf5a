"""Tree -> statements: each value of a document becomes the statement that the text would have.

What reads clauses, composes and checks goes on from there and knows nothing of this form. Invariants: nothing in a
document is dropped in silence; a clause with an error leaves a statement of its opening alone, at the place of that
error, so that the reader of clauses does not report it as missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from ..diagnostics import Diagnostic
from ..habits import ALSO_CALLED, CALLED_IN
from ..meant import one_amount
from ..names import name_meant, no_name
from ..no_fleet import of_a_cluster
from ..parse import MAX_ERRORS
from ..phrases import Element, Hole, Literal, Optional, Repeat, describe, fills
from ..source import Span
from ..syntax import Block, File, Item, Kind, Statement
from ..values import KINDS
from . import SCHEMA_KEY, tree
from .shape import NAME, Body, Key, Row, Shape, is_text, plural, root, row_of
from .tree import Document, Fields, Items, Node, Scalar, Style, error
from .words import items_of, literal, string_of

_NO_BLANK = re.compile(r"([A-Za-z_]+):(\S+)")


def statements(document: Document) -> tuple[File | None, tuple[Diagnostic, ...]]:
    """The statements of a document with places in it, and every error in its shape."""
    reader = _Reader()
    top = document.root
    if top is None:
        return File(document.source, (), document.comments), ()
    if not isinstance(top, Fields):
        wanted = f"a spec is a mapping with the keys {', '.join(root().keys)}; this is {tree.describe(top)}"
        return None, (
            error(
                "ST0104",
                wanted,
                top.span,
                "put the fleet under the key `fleet` with its name, as `seatrial convert` does",
            ),
        )
    own = [pair for pair in top.fields if pair[0].text != SCHEMA_KEY]
    cluster = next((key for key, _ in own if key.text == "apiVersion"), None)
    if cluster is not None:
        return None, (of_a_cluster(cluster.span),)
    try:
        made = tuple(reader.body(root(), own, "at the top of a file"))
    except _Enough:
        return None, tuple(reader.found)
    return File(document.source, made, document.comments), tuple(reader.found)


class _Enough(Exception):
    """So many errors that it is another kind of document; a list of thousands helps nobody."""


class _Wrong(Exception):
    """A clause cannot be made; what is wrong with it has been told at this place."""

    def __init__(self, at: Span) -> None:
        super().__init__()
        self.at = at


class _Reader:
    def __init__(self) -> None:
        self.found: list[Diagnostic] = []

    def body(
        self, body: Body, fields: Iterable[tuple[Scalar, Node]], place: str, beside: Iterable[str] = ()
    ) -> Iterator[Statement]:
        """`beside`: the fields that may stand among the keys of the block."""
        for key, value in fields:
            known = body.keys.get(key.text)
            if known is None:
                yield self._unknown({**dict.fromkeys(beside), **body.keys}, key, place)
            elif known.named and isinstance(value, Fields):
                for name, content in value.fields:
                    yield self._statement(known, name, content, name)
            elif known.listed and isinstance(value, Items):
                for content in value.items:
                    yield self._statement(known, _start(content), content, None)
            else:
                yield self._statement(known, key, value, None)

    def _statement(self, key: Key, anchor: Scalar, content: Node, name: Scalar | None) -> Statement:
        """One clause. Its own words are placed where `anchor` is: the document does not have them."""
        try:
            shape, given = self._given(key, content, name)
        except _Wrong as wrong:
            return _stump(key.shapes[0], wrong.at)
        block = self._block(shape, content, f"in `{' '.join([key.name, *([name.text] if name else [])])}`", bool(name))
        try:
            items = tuple(self._items(shape.row, given, anchor.span))
        except _Wrong as wrong:
            return _stump(shape, wrong.at, block)
        return Statement(items, block, anchor.span.to(content.span))

    def _block(self, shape: Shape, content: Node, place: str, named: bool) -> Block | None:
        if not shape.form.body or not isinstance(content, Fields):
            return None
        inner = [pair for pair in content.fields if pair[0].text not in shape.row.fields]
        if not inner and content.fields:
            return None
        beside = [field for field in shape.row.fields if not named or field != shape.row.keys[NAME]]
        return Block(tuple(self.body(shape.body, inner, place, beside)), content.span)

    def _given(self, key: Key, content: Node, name: Scalar | None) -> tuple[Shape, dict[str, Node]]:
        """The form that is meant, and its fields."""
        if isinstance(content, Fields):
            shape = self._by_fields(key, content, name)
            given = {one.text: value for one, value in content.fields if one.text in shape.row.fields}
        else:
            shape, given = self._by_value(key, content, name)
        if name is not None:
            given = {**given, shape.row.keys[NAME]: name}
        return shape, given

    def _by_value(self, key: Key, content: Scalar | Items, name: Scalar | None) -> tuple[Shape, dict[str, Node]]:
        """The form for which a bare value stands: the first that it fits."""
        if isinstance(content, Items):
            for shape in key.shapes:
                if shape.listed is not None:
                    return shape, {shape.listed: content}
        elif content.style is not Style.NOTHING:
            _read_at_all(content)
            for shape in key.shapes:
                if shape.flag and content.text == "true" and content.style is not Style.TEXT:
                    return shape, {}
            short = [shape for shape in key.shapes if shape.short is not None]
            for shape in short:
                hole = shape.row.fields[shape.short or ""]
                if len(short) == 1 or (isinstance(hole, Hole) and _read(hole, content) is not None):
                    return shape, {shape.short or "": content}
            if short:
                wanted = [describe(shape.row.fields[shape.short or ""]) for shape in short]
                raise self._wrong(
                    "ST1004",
                    f"`{content.text}` does not fit here: expected {' or '.join(wanted)}",
                    content.span,
                    _as_one_amount(content.text) or _help(key),
                )
        what = f"`{key.name}` is {wanted_of(key)}" if name is None else f"`{key.name} {name.text}` is a mapping"
        help_ = _help(key)
        if key.named and name is None:
            inner = content.text if isinstance(content, Scalar) and content.text else "NAME"
            help_ = f"write `{key.name}: {{{inner}: {{…}}}}`"
        elif name is not None:
            inside = dict.fromkeys(each for one in key.shapes for each in one.body.keys)
            help_ = f"what may stand in it: {', '.join(inside)}"
        raise self._wrong("ST0104", f"{what}, not {tree.describe(content)}", content.span, help_)

    def _by_fields(self, key: Key, content: Fields, name: Scalar | None) -> Shape:
        """The form whose fields are given: the one that lacks the fewest and leaves the fewest over."""
        keys = {one.text for one, _ in content.fields} | ({NAME} if name is not None else set())
        misfits = [
            (len(keys - shape.allowed) + len(set(shape.row.required) - keys), number)
            for number, shape in enumerate(key.shapes)
        ]
        shape = key.shapes[min(misfits)[1]]
        bare = shape.short is not None and len(shape.content) == 1 and not keys & shape.allowed
        if shape.flag or (not shape.form.body and (bare or not shape.row.fields)):
            raise self._wrong("ST0104", f"`{key.name}` is {wanted_of(key)}, not a mapping", content.span, _help(key))
        for one, value in content.fields:
            if one.text in shape.allowed:
                continue
            if pair := _as_fields(shape.row, one, value):
                message = f"`{one.text}` is not a key that may stand in `{key.name}`"
                raise self._wrong("ST1001", message, one.span, f"write `{pair}`")
            if not shape.form.body:
                self._unknown(dict.fromkeys(shape.content), one, f"in `{key.name}`")
                raise _Wrong(one.span)
        return shape

    def _items(self, row: Row, given: Mapping[str, Node], anchor: Span) -> list[Item]:
        for key in row.required:
            if key not in given:
                wanted = "a list" if isinstance(row.fields[key], Repeat) else describe(row.fields[key])
                raise self._wrong("ST1002", f"`{key}` is missing here", anchor, f"add `{key}`: {wanted}")
        out: list[Item] = []
        self._walk(row.elements, row, given, anchor, out)
        return out

    def _walk(
        self, elements: tuple[Element, ...], row: Row, given: Mapping[str, Node], anchor: Span, out: list[Item]
    ) -> None:
        for element in elements:
            match element:
                case Literal(text):
                    out.append(literal(text, out[-1].span if out else anchor))
                case Hole():
                    out.extend(self._hole(element, row, given, anchor, out))
                case Optional(inner):
                    if any(row.keys[one] in given for one in _inside(inner)):
                        self._walk(inner, row, given, anchor, out)
                case Repeat(name, inner):
                    key = row.keys[name]
                    if key not in given:
                        raise self._wrong("ST1002", f"`{key}` is missing here", anchor, f"add `{key}`: a list")
                    self._list(key, inner, given[key], out)

    def _list(self, key: str, inner: tuple[Element, ...], node: Node, out: list[Item]) -> None:
        row = row_of(inner)
        _read_at_all(node)
        if not isinstance(node, Items) or not node.items:
            what = "an empty list" if isinstance(node, Items) else tree.describe(node)
            fields = f"each of its elements has {', '.join(row.fields)}"
            raise self._wrong("ST0104", f"`{key}` is a list, not {what}", node.span, fields)
        for number, one in enumerate(node.items):
            _read_at_all(one)
            if number:
                out.append(literal(",", out[-1].span))
            if isinstance(one, Fields):
                given = {}
                for name, value in one.fields:
                    if name.text not in row.fields:
                        self._unknown(dict.fromkeys(row.fields), name, f"in `{key}`")
                        raise _Wrong(name.span)
                    given[name.text] = value
            elif len(row.required) == 1 and isinstance(one, Scalar):
                given = {row.required[0]: one}
            else:
                raise self._wrong(
                    "ST0104",
                    f"what stands in `{key}` is a mapping, not {tree.describe(one)}",
                    one.span,
                    f"its fields are {', '.join(row.fields)}",
                )
            out.extend(self._items(row, given, _start(one).span))

    def _hole(self, hole: Hole, row: Row, given: Mapping[str, Node], anchor: Span, out: list[Item]) -> tuple[Item, ...]:
        key = row.keys[hole.field]
        node = given.get(key)
        words = plural(hole)
        if node is None and words is not None:
            return (literal(words[0] if out[-1].text == "1" else words[1], out[-1].span),)
        if node is None:
            raise self._wrong("ST1002", f"`{key}` is missing here", anchor, f"add `{key}`: {describe(hole)}")
        if not isinstance(node, Scalar) or node.style is Style.NOTHING:
            raise self._wrong(
                "ST0104", f"`{key}` is {describe(hole)}, not {tree.describe(node)}", node.span, _quotes(hole, node)
            )
        _read_at_all(node)
        items = _read(hole, node)
        if items is None and hole.kind == "name" and not hole.choices and (meant := name_meant(node.text)):
            # That it is no name is told once, with the rule, and everybody who says it is understood.
            wrong = no_name(Item(Kind.WORD, node.text, node.part(0, len(node.text))))
            if wrong is not None and all(one.message != wrong.message for one in self.found):
                self._report(wrong)
            return (Item(Kind.WORD, meant, node.part(0, len(node.text))),)
        if items is None:
            message = f"`{node.text}` does not fit here: expected {describe(hole)}"
            raise self._wrong("ST1004", message, node.span, _as_one_amount(node.text))
        return items

    def _unknown(self, known: Mapping[str, object], key: Scalar, place: str) -> Statement:
        close = get_close_matches(key.text.lower().replace("-", "_").replace(" ", "_"), known, n=1, cutoff=0.6)
        block = place.partition("`")[2].partition(" ")[0].rstrip("`")
        if (called := CALLED_IN.get((block, key.text)) or ALSO_CALLED.get(key.text, "")) in known:
            close = [called]
        joined = _NO_BLANK.fullmatch(key.text)
        joined = joined if joined is not None and joined[1] in known else None
        if joined is not None:
            close = [joined[1]]
        self._report(
            error(
                "ST1001",
                f"`{key.text}` is not a key that may stand {place}",
                key.span,
                f"a blank belongs behind the `:` of a key: `{joined[1]}: {joined[2]}`"
                if joined is not None
                else f"did you mean `{close[0]}`?"
                if close
                else f"what may stand {place}: {', '.join(known)}",
                label="not known here",
            )
        )
        meant = known[close[0]] if close else None
        if isinstance(meant, Key):
            return _stump(meant.shapes[0], key.span)
        at = Span(key.span.source, key.span.start, key.span.start)
        return Statement((Item(Kind.WORD, key.text, at),), None, at)

    def _wrong(self, code: str, message: str, at: Span, help_: str = "") -> _Wrong:
        self._report(error(code, message, at, help_))
        return _Wrong(at)

    def _report(self, one: Diagnostic) -> None:
        self.found.append(one)
        if len(self.found) >= MAX_ERRORS:
            raise _Enough


def _read(hole: Hole, node: Scalar) -> tuple[Item, ...] | None:
    """The items of one value; None where they are none of this hole."""
    if is_text(hole):
        return (string_of(node),) if node.style is not Style.LITERAL else None
    items = items_of(node)
    return items if items is not None and fills(hole, items) is None else None


def _as_fields(row: Row, key: Scalar, value: Node) -> str:
    """What is meant where a value is taken for a key: `signal: busy, share: 60%` of `busy: 60%`; "" for none."""
    if not isinstance(value, Scalar):
        return ""
    lists = [
        (f"{name}: [{{", "}]", row_of(one.elements)) for name, one in row.fields.items() if isinstance(one, Repeat)
    ]
    for before, after, inner in [("", "", row), *lists]:
        pair = [(name, one) for name, one in inner.fields.items() if name in inner.required and isinstance(one, Hole)]
        if len(pair) != 2 or not (pair[0][1].choices or pair[0][1].kind == "quantile"):
            continue
        if all(_read(hole, node) is not None for (_, hole), node in zip(pair, (key, value), strict=True)):
            return f"{before}{pair[0][0]}: {key.text}, {pair[1][0]}: {value.text}{after}"
    return ""


def _inside(elements: tuple[Element, ...]) -> Iterator[str]:
    for element in elements:
        if isinstance(element, Hole | Repeat):
            yield element.field
        elif isinstance(element, Optional):
            yield from _inside(element.elements)


def _stump(shape: Shape, at: Span, block: Block | None = None) -> Statement:
    start = Span(at.source, at.start, at.start)
    return Statement((Item(Kind.WORD, shape.form.opening, start),), block, start)


def _start(node: Node) -> Scalar:
    """Where an element of a list begins: a value itself, or the first key of a mapping."""
    if isinstance(node, Scalar):
        return node
    if isinstance(node, Fields) and node.fields:
        return node.fields[0][0]
    return Scalar("", Span(node.span.source, node.span.start, min(node.span.start + 1, node.span.end)), Style.PLAIN)


def wanted_of(key: Key) -> str:
    """What a key takes, in the words of a message."""
    wanted: list[str] = []
    for shape in key.shapes:
        if shape.flag:
            wanted.append("`true`")
            continue
        if shape.short is not None:
            wanted.append(describe(shape.row.fields[shape.short]))
        if shape.listed is not None:
            wanted.append("a list")
        if shape.form.body or len(shape.content) > 1 or not wanted:
            wanted.append("a mapping")
    if key.named:
        return "a mapping by names"
    return " or ".join(dict.fromkeys(wanted))


def _help(key: Key) -> str:
    only = key.shapes[0]
    if len(key.shapes) == 1 and only.short is not None and len(only.content) == 1 and not only.form.body:
        hole = only.content[only.short]
        kind = hole.kind if isinstance(hole, Hole) and not hole.choices else ""
        example = KINDS[kind.removesuffix("..")].example if kind else ""
        if example and key.named:
            return f"write `{key.name}: {{NAME: {example}}}`"
        if example:
            return f"write `{key.name}: {example}`" + (f", or a range: `2..{example}`" if kind.endswith("..") else "")
    fields = [", ".join(shape.content) for shape in key.shapes if shape.content]
    return f"its fields are {' | '.join(fields)}" if fields else ""


def _read_at_all(node: Node) -> None:
    """An alias says nothing of what belongs there, and is reported already."""
    if isinstance(node, Scalar) and node.style is Style.REFUSED:
        raise _Wrong(node.span)


def _as_one_amount(text: str) -> str:
    """What to write for `50 rps` or `1e99`; "" where it is no number with a unit."""
    if re.fullmatch(r"-?[0-9.]+[eE][+-]?[0-9]+", text):
        return "write it out in digits"
    amount = one_amount(text)
    return amount[1] if amount is not None else ""


def _quotes(hole: Hole, node: Node) -> str:
    if isinstance(node, Scalar) and node.text and is_text(hole):
        return f'write "{node.text}" where that is the text'
    return ""
