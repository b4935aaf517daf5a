"""A clause said in one breath, `pool triage agents 10..20_000` -> the fleet with that clause in the place of its own.

What leads to the clause is named as the spec names it; braces are welcome and not needed. Invariant: only a clause that
the language knows is put in, and only into something that the fleet declares.
"""

from __future__ import annotations

from difflib import get_close_matches

from ..diagnostics import Diagnostic, Label, Severity
from ..each import told_again
from ..forms import Form
from ..phrases import Match, match
from ..source import Span
from ..syntax import Block, Item, Kind, Statement
from .overlay import form_of, key_of, lay_over, meant

CHANGE = "<change"
"""How the names of the texts begin in which changes stand."""
_DECLARED_ONLY = frozenset({"pool", "demand", "dependency", "nodes", "consensus"})
"""A new one of these would be half a declaration: it is a misspelt name."""


def changed(fleet: Form, base: Block, over: Statement, found: list[Diagnostic]) -> Block:
    """The fleet's block with the change in it; as it was, and said so, where the change names nothing in it."""
    return _changed(fleet, base, over, found) or base


def _changed(form: Form, base: Block, over: Statement, found: list[Diagnostic]) -> Block | None:
    known = _whole(form, over)
    if known is not None and not (over.block is None and known.body and _place(form, base, known, over) is None):
        return _put(form, base, known, over, found)
    # The longest beginning that is a clause with a block; the rest is said of something in that block.
    for length in range(len(over.items) - 1, 0, -1):
        head = Statement(over.items[:length], None, _span(over.items[:length]))
        outer = _whole(form, head)
        if outer is None or not outer.body:
            continue
        place = _place(form, base, outer, head)
        if place is None:
            _unknown(form, base, outer, head, found)
            return None
        counterpart = base.statements[place]
        rest = Statement(over.items[length:], over.block, over.items[length].span.to(over.span))
        inner = _changed(outer, counterpart.block or Block((), rest.span), rest, found)
        return None if inner is None else _replaced(base, place, counterpart.with_block(inner))
    if known is not None and known.key in _DECLARED_ONLY:
        _unknown(form, base, known, over, found)
        return None
    if over.word not in form.by_opening and (named := _named(base, over)) is not None:
        found.append(named)
        return None
    # No clause at all: the reader of clauses says what was expected here.
    return Block((*base.statements, over), base.span)


def _named(base: Block, over: Statement) -> Diagnostic | None:
    """What to say of `planner agents 4`, which leaves out what the planner is."""
    name = over.items[0].text
    kinds = [one.word for one in base.statements if len(one.items) > 1 and one.items[1].text == name]
    if len(kinds) != 1 or over.items[0].kind is not Kind.WORD:
        return None
    meant = " ".join([kinds[0], *(item.text for item in over.items)])
    message = f"a change begins with what it is about: `{name}` is a name"
    return Diagnostic("ST1043", Severity.ERROR, message, (Label(over.items[0].span),), help=f"did you mean `{meant}`?")


def _put(form: Form, base: Block, known: Form, over: Statement, found: list[Diagnostic]) -> Block | None:
    place = _place(form, base, known, over)
    if place is not None:
        counterpart = base.statements[place]
        if over.block is not None and _begins(counterpart, over):
            # `call a -> b { … }` names the call; what stands behind the names stays.
            over = Statement(counterpart.items, over.block, over.span)
        if over.block is None and _is_changed(counterpart):
            found.append(told_again(over.head, counterpart.head))
            return None
        if _says_nothing(counterpart, known, over):
            said = " ".join(item.text for item in over.items)
            message = f"`{said}` does not say what would be different"
            help_ = f"say it in the block: `{said} {{ … }}`"
            found.append(Diagnostic("ST1004", Severity.ERROR, message, (Label(over.head),), help=help_))
            return None
        return _replaced(base, place, lay_over(form, counterpart, over, lambda _one, _form, _there: True))
    if known.key in _DECLARED_ONLY:
        _unknown(form, base, known, over, found)
        return None
    return Block((*base.statements, over), base.span)


def _is_changed(statement: Statement) -> bool:
    """Whether another change says it: of two the last would count, and the first for nothing."""
    return statement.items[0].span.source.path.startswith(CHANGE)


def _says_nothing(counterpart: Statement, known: Form, over: Statement) -> bool:
    """Whether it only names its counterpart."""
    bare = known.key in _DECLARED_ONLY if over.block is None else not over.block.statements
    return bare and _begins(counterpart, over) and len(counterpart.items) == len(over.items)


def _begins(whole: Statement, over: Statement) -> bool:
    return [item.text for item in over.items] == [item.text for item in whole.items[: len(over.items)]]


def _whole(form: Form, statement: Statement) -> Form | None:
    """The form of the block that these items are a whole statement of."""
    candidates = form.by_opening.get(statement.word, ())
    return next((one for one in candidates if isinstance(match(one.phrase, statement.items), Match)), None)


def _place(form: Form, base: Block, known: Form, statement: Statement) -> int | None:
    """Where the counterpart stands."""
    key = key_of(known, statement)
    found: list[int] = []
    for place, other in enumerate(base.statements):
        there = form_of(form, other)
        if there is not None and key_of(there, other) == key:
            found.append(place)
    if known.is_single or len(found) < 2:
        return found[0] if found else None
    one = meant(known, statement, [base.statements[place] for place in found])
    return next((place for place in found if base.statements[place] is one), None)


def _replaced(base: Block, place: int, statement: Statement) -> Block:
    return Block((*base.statements[:place], statement, *base.statements[place + 1 :]), base.span)


def _unknown(form: Form, base: Block, known: Form, head: Statement, found: list[Diagnostic]) -> None:
    said = " ".join(item.text for item in head.items)
    there = [
        " ".join(item.text for item in other.items[: len(head.items)])
        for other in base.statements
        if form_of(form, other) == known
    ]
    # By the names alone: that both begin with `pool` says nothing.
    names = {one.removeprefix(f"{head.items[0].text} "): one for one in there}
    close = [names[one] for one in get_close_matches(said.removeprefix(f"{head.items[0].text} "), names, n=1)]
    hint = f"did you mean `{close[0]}`?" if close else f"there is: {', '.join(there) or f'no {known.key}'}"
    found.append(
        Diagnostic(
            "ST1043",
            Severity.ERROR,
            f"the fleet does not declare `{said}`, so nothing of it can be changed",
            (Label(head.span),),
            help=hint,
        )
    )


def _span(items: tuple[Item, ...]) -> Span:
    return items[0].span.to(items[-1].span)
