"""Rooms -> a picture of them: a bar a thing that moves, as long as it can grow, with the guarantee that then falls;
and below why.

matplotlib is an extra (`seatrial[plot]`) and is imported only here. Invariant: the same rooms give the
same SVG.
"""

from __future__ import annotations

import importlib
import io
from pathlib import Path
from textwrap import wrap
from typing import Any

from seatrial.compiler.verify import Status
from seatrial.compiler.verify.headroom import Room

from .refusal import Refused

KINDS = ("svg", "png", "pdf")
_LETTERS = 150
"""Of a line of reasons, as wide as the picture."""
_COLOURS = {Status.REFUTED: "#b3261e", Status.UNKNOWN: "#c98a00", None: "#3a7d44"}


def ready(file: Path) -> None:
    """Raises Refused where the picture could not be drawn, before the time is spent."""
    if file.suffix[1:] not in KINDS:
        raise Refused(f"--plot {file}: a name that ends in .{', .'.join(KINDS)}")
    if not file.resolve().parent.is_dir():
        raise Refused(f"--plot {file}: there is no folder {file.parent}")
    _library("figure")


def drawn(rooms: tuple[Room, ...], title: str, kind: str) -> bytes:
    """The picture's bytes. Per cents share one axis, cut at the longest that falls; counts stand below on their own."""
    from .headroom import reasons, until

    why = [line for one in reasons(rooms) for line in wrap(one, _LETTERS, subsequent_indent="    ")]
    size = (10, 1.2 + 0.36 * len(rooms) + 0.15 * len(why))
    figure: Any = _library("figure").Figure(figsize=size, layout="constrained")
    library: Any = _library("")
    library.rcParams["svg.hashsalt"] = "seatrial"
    groups = [[one for one in rooms if one.unit == "%"], [one for one in rooms if one.unit != "%"]]
    groups = [group for group in groups if group]
    heights = [len(group) for group in groups]
    panels = figure.subplots(len(groups), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
    for panel, group in zip(panels, groups, strict=True):
        longest = max([one.until for one in group if one.falls] or [one.until for one in group]) or 1
        shown = [min(one.until, longest * 1.15) for one in group]
        panel.barh(range(len(group)), shown, color=[_COLOURS[one.becomes] for one in group], height=0.6)
        panel.set_yticks(range(len(group)), [one.axis for one in group])
        panel.invert_yaxis()
        panel.set_xlim(0, longest * 1.6)
        if group[0].unit != "%":
            panel.xaxis.get_major_locator().set_params(integer=True)
        panel.set_xlabel("per cent more than now" if group[0].unit == "%" else "lost")
        panel.spines[["top", "right"]].set_visible(False)
        for place, one in enumerate(group):
            then = f": then {one.falls[0]}" if one.falls else ""
            panel.text(shown[place] + longest * 0.01, place, f"{until(one)}{then}", va="center", fontsize=8)
    if why:
        # A reason may have a dollar sign, which is no formula's here.
        figure.supxlabel("\n".join(why), x=0.01, ha="left", fontsize=7, parse_math=False)
    figure.suptitle(f"{title}: how far each can move alone")
    out = io.BytesIO()
    figure.savefig(out, format=kind, metadata={"Date": None} if kind == "svg" else None)
    return out.getvalue()


def _library(name: str) -> Any:
    try:
        return importlib.import_module(f"matplotlib.{name}".rstrip("."))
    except ImportError:
        raise Refused("--plot draws with matplotlib, which is not here: pip install matplotlib") from None
