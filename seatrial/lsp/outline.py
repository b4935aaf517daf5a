"""A text -> its outline, what can be folded, and the role of each word for colouring."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from seatrial.dsl.cuts import Part
from seatrial.dsl.exchange import Notation
from seatrial.dsl.forms.naming import declares
from seatrial.dsl.phrases import Hole, Literal
from seatrial.dsl.syntax import Item, Kind, Statement

from .document import Document
from .lines import units
from .understood import Understood

_SYMBOLS = {
    "fleet": types.SymbolKind.Package, "nodes": types.SymbolKind.Struct, "demand": types.SymbolKind.Event,
    "dependency": types.SymbolKind.Interface, "pool": types.SymbolKind.Class, "call": types.SymbolKind.Method,
    "consensus": types.SymbolKind.Operator, "guarantee": types.SymbolKind.Boolean, "trial": types.SymbolKind.Function,
    "budget": types.SymbolKind.Number, "let": types.SymbolKind.Constant, "use": types.SymbolKind.File,
    "template": types.SymbolKind.TypeParameter, "environment": types.SymbolKind.Namespace,
}  # fmt: skip
"""How editors draw them; a clause that is not in it is drawn as a property."""
_OF_CLAUSES = frozenset({"fleet", "for", "environment"})
"""What has clauses in it; blocks inside a pool or a call are values, and would only fill the outline."""


def symbols(document: Document) -> list[types.DocumentSymbol]:
    """The declarations of the file, those of a block as its children."""
    top: list[types.DocumentSymbol] = []
    heads: dict[int, types.DocumentSymbol] = {}
    for index, placed in enumerate(document.snapshot.pieces):
        here: dict[int, types.DocumentSymbol] = {}
        for one in document.understanding.of(placed):
            if one.form is None or any(outer.form is None or outer.form.key not in _OF_CLAUSES for outer in one.around):
                continue
            symbol = _symbol(document, one, placed.start)
            here[id(one)] = symbol
            outer = here.get(id(one.around[-1])) if one.around else None
            if outer is not None:
                _add(outer, symbol)
            elif placed.head is None:
                top.append(symbol)
                heads[index] = symbol
            elif placed.head in heads:
                # Where the head itself is not understood, while it is being written, its block has nowhere to go.
                _add(heads[placed.head], symbol)
        if placed.head is not None and placed.head in heads:
            whole = heads[placed.head]
            end = placed.start + 1 if placed.piece.part is Part.TAIL else placed.end
            whole.range = types.Range(whole.range.start, document.lines.position(end))
    return top


def _add(outer: types.DocumentSymbol, inner: types.DocumentSymbol) -> None:
    outer.children = [*(outer.children or ()), inner]


def _symbol(document: Document, one: Understood, by: int) -> types.DocumentSymbol:
    assert one.form is not None
    statement = one.statement
    name = next((item for item in statement.items if _declared(one, item)), None)
    said = " ".join(statement.head.text.split())
    shown = name or statement.items[0]
    return types.DocumentSymbol(
        name=name.text if name is not None else said,
        detail=one.form.opening if name is not None else "",
        kind=_SYMBOLS.get(one.form.slot, types.SymbolKind.Property),
        range=document.lines.range(by + statement.span.start, by + statement.span.end),
        selection_range=document.lines.range(by + shown.span.start, by + shown.span.end),
    )


def _declared(one: Understood, item: Item) -> bool:
    role = one.role(item)
    return (
        isinstance(role, Hole) and role.kind == "name" and one.form is not None and bool(declares(one.form, role.field))
    )


def folds(document: Document) -> list[types.FoldingRange]:
    """Blocks, and runs of comments."""
    out: list[types.FoldingRange] = []

    def fold(start: int, end: int, kind: types.FoldingRangeKind | None) -> None:
        first, last = document.lines.position(start).line, document.lines.position(end).line
        if last > first:
            out.append(types.FoldingRange(first, last, kind=kind))

    def blocks(statement: Statement, by: int) -> None:
        if statement.block is not None and statement.block.span.end > statement.block.span.start + 1:
            fold(by + statement.span.start, by + statement.block.span.end - 1, None)
            for inner in statement.block.statements:
                blocks(inner, by)

    run: list[int] = []
    for placed in document.snapshot.pieces:
        for statement in placed.piece.statements:
            blocks(statement, placed.start)
        for comment in placed.piece.comments:
            line = document.lines.position(placed.start + comment.span.start).line
            if run and line == run[-1] + 1:
                run.append(line)
                continue
            if len(run) > 1:
                out.append(types.FoldingRange(run[0], run[-1], kind=types.FoldingRangeKind.Comment))
            run = [line]
        if placed.head is not None and placed.piece.part is Part.TAIL:
            fold(document.snapshot.pieces[placed.head].end - 1, placed.start, None)
    if len(run) > 1:
        out.append(types.FoldingRange(run[0], run[-1], kind=types.FoldingRangeKind.Comment))
    return out


TOKENS = types.SemanticTokensLegend(
    [
        types.SemanticTokenTypes.Keyword, types.SemanticTokenTypes.EnumMember, types.SemanticTokenTypes.Number,
        types.SemanticTokenTypes.String, types.SemanticTokenTypes.Operator, types.SemanticTokenTypes.Comment,
        types.SemanticTokenTypes.Class, types.SemanticTokenTypes.Variable, types.SemanticTokenTypes.Event,
        types.SemanticTokenTypes.Interface, types.SemanticTokenTypes.Struct, types.SemanticTokenTypes.Function,
        types.SemanticTokenTypes.Namespace,
    ],
    [types.SemanticTokenModifiers.Declaration],
)  # fmt: skip
_OF_KIND = {
    "pool": "class", "demand": "event", "dependency": "interface", "nodes": "struct", "trial": "function",
    "fleet": "namespace", "let": "variable", "variable": "variable",
}  # fmt: skip
_OF_ITEM = {Kind.QUANTITY: "number", Kind.FACTOR: "number", Kind.STRING: "string", Kind.SYMBOL: "operator"}


def tokens(document: Document) -> list[int]:
    """Groups of five: lines down, columns on, length, type, modifiers (LSP 3.17, semanticTokens)."""
    legend = {str(name.value if hasattr(name, "value") else name): at for at, name in enumerate(TOKENS.token_types)}
    if document.notation is not Notation.FLEET:
        return []  # an editor colours the other form by itself
    names = {one.start: one for one in document.names.all}
    parties = {one.name: one.kinds[0] for one in reversed(document.names.all) if one.declares}
    found: list[tuple[int, int, str, int]] = []
    for placed in document.snapshot.pieces:
        for comment in placed.piece.comments:
            found.append((placed.start + comment.span.start, placed.start + comment.span.end, "comment", 0))
        for one in document.understanding.of(placed):
            for item in one.statement.items:
                start, end = placed.start + item.span.start, placed.start + item.span.end
                if item.text == "," and item.kind is Kind.SYMBOL:
                    continue
                name = names.get(start)
                if name is not None and item.kind is Kind.WORD:
                    kind = parties.get(name.name, name.kinds[0]) if len(name.kinds) > 1 else name.kinds[0]
                    found.append((start, end, _OF_KIND.get(kind, "variable"), int(name.declares)))
                else:
                    token = _OF_ITEM.get(item.kind) or _word(one, item)
                    found.append((start, end, token, 0))
    return list(_encoded(document, sorted(found), legend))


def _word(one: Understood, item: Item) -> str:
    role = one.role(item)
    if "$" in item.text:
        return "variable"
    if isinstance(role, Hole):
        return "enumMember" if role.choices else "number"
    return "keyword" if isinstance(role, Literal) else "variable"


def _encoded(document: Document, found: list[tuple[int, int, str, int]], legend: dict[str, int]) -> Iterator[int]:
    line = column = 0
    for start, end, token, modifiers in found:
        at = document.lines.position(start)
        yield at.line - line
        yield at.character - column if at.line == line else at.character
        yield units(document.text[start:end])
        yield legend[token]
        yield modifiers
        line, column = at.line, at.character
