"""Numbers of the command line that are bounded on both sides."""

from __future__ import annotations

from typing import Any

import click


class Number(click.FloatRange):
    """A range has nothing against what is not a number."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if number != number:
            self.fail(f"{value} is not a number.", param, ctx)
        return number
