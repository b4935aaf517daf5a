"""NO_COLOR counts where it says something, and a terminal that is dumb has no colour."""

from __future__ import annotations

import pytest

from seatrial.cli.paint import paint


@pytest.mark.parametrize(
    ("no_color", "term", "coloured"),
    [(None, "xterm", True), ("", "xterm", True), ("1", "xterm", False), (None, "dumb", False), (None, None, True)],
)
def test_colour(no_color: str | None, term: str | None, coloured: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("NO_COLOR", no_color), ("TERM", term)):
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
    assert (paint("proved", "proved") != "proved") is coloured
