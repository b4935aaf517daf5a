"""A code of the registry -> the examples in its text, and the targets that an example is compiled for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from seatrial.dsl.diagnostics.codes import explanation
from seatrial.targets import USUAL

_NAMED_ONLY = {
    "ST7014": ("keda",),
    "ST7071": ("keda",),
    "ST7072": ("kueue",),
    "ST7073": ("kueue",),
    "ST7074": ("keda",),
    "ST7081": ("dapr",),
    **dict.fromkeys(("ST7082", "ST7083", "ST7084", "ST7085", "ST7086"), ("litellm",)),
    **dict.fromkeys(("ST7087", "ST7088", "ST7089"), ("kafka",)),
    "ST7091": ("gateway-api",),
    "ST7092": ("argocd",),
}
"""Codes of targets that are written only when they are named."""


@dataclass(frozen=True, slots=True)
class Examples:
    """What raises a code and what does no longer, both in one notation."""

    fails: str
    mended: str
    notation: str


def examples(code: str) -> Examples:
    text = explanation(code)
    assert text is not None
    fails = re.search(r"## Fails\n+```(fleet|yaml)\n(.*?)```", text, re.S)
    mended = re.search(r"## Mended\n+```(fleet|yaml)\n(.*?)```", text, re.S)
    assert fails and mended and fails[1] == mended[1]
    return Examples(fails[2], mended[2], fails[1])


def targets(code: str) -> tuple[str, ...]:
    """The usual ones, and the one that the code is about."""
    return (*USUAL, *_NAMED_ONLY.get(code, ()))
