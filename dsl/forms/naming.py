"""Which names a clause declares, and of which kind the names are that it refers to.

Read off the phrases: `<name:name>` declares, any other field of kind `name` refers to what its field is called after.
"""

from __future__ import annotations

from .form import Form

_REFERENTS = {
    "call.caller": ("pool",),
    "caller": ("pool", "demand"),
    "callee": ("pool", "dependency"),
    "buyers": ("pool",),
    "sellers": ("pool",),
    "left": ("pool", "demand", "dependency"),
    "right": ("pool", "demand", "dependency"),
    "lost": ("pool",),
    "heir": ("pool",),
}
"""Fields that are not called after the kind of what they name; of one clause, where they differ."""

_FREE = ("skill",)
"""Fields whose words are the user's own: nothing declares them."""

TOGETHER = ("demand", "pool", "dependency")
"""These share one space of names, since each can be an end of a call."""


def declares(form: Form, field: str) -> str | None:
    """The kind of thing that a field of kind `name` declares; None where it refers to one."""
    if field == "name":
        return form.slot
    return "variable" if field == "variable" else None


def refers(form: Form, field: str) -> tuple[str, ...]:
    """The kinds of thing that the name in a field may stand for; none where its words are the user's own."""
    if field in _FREE:
        return ()
    return _REFERENTS.get(f"{form.key}.{field}") or _REFERENTS.get(field) or (field,)


def space(kind: str) -> str:
    """Names of one space are told apart; names of different ones may be the same."""
    return "party" if kind in TOGETHER else kind
