"""Numbers of the command line that are bounded on both sides."""

from __future__ import annotations

import math
from typing import Any

import click


class Number(click.FloatRange):
    """A range has nothing against what is not a number."""

    wanted = ""
    """What to write instead, where a number is not all that may be said."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if number != number:
            self.fail(f"{value!r} is not a number{self.wanted}.", param, ctx)
        return super().convert(number, param, ctx)


class Rate(Number):
    """So many a second: `30`, or in the language's words, `30/s` or `1800/min`."""

    wanted = "; write so many a second, as 30, or a rate, as 30/s"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and "/" in value:
            from seatrial.compiler.draft.answers import said

            read = said("rate", value)
            if isinstance(read, str):
                self.fail(f"{read}.", param, ctx)
            value = float(read.value)
        return super().convert(value, param, ctx)
