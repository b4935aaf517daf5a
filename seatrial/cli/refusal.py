"""What a user asked for and cannot be had: shown in one line, exit code 2."""

from __future__ import annotations

from typing import IO, Any, NoReturn

import click

from seatrial.texts import Unreadable


class Refused(click.ClickException):
    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        from seatrial.dsl.diagnostics.render import printable

        click.echo(f"seatrial: {printable(self.message)}", err=True, file=file)


class NotRead(Refused):
    """Of one file of those that were named."""

    def __init__(self, why: Unreadable) -> None:
        super().__init__(str(why))
        self.why = why


def refuse(error: OSError) -> NoReturn:
    """What the system says of a file or a folder."""
    raise Refused(f"{error.filename}: {error.strerror}")
