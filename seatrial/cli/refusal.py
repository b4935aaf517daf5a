"""What a user asked for and cannot be had: shown in one line, exit code 2."""

from __future__ import annotations

from typing import IO, Any, NoReturn

import click


class Refused(click.ClickException):
    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        from seatrial.dsl.diagnostics.render import printable

        click.echo(f"seatrial: {printable(self.message)}", err=True, file=file)


def refuse(error: OSError) -> NoReturn:
    """What the system says of a file or a folder."""
    raise Refused(f"{error.filename}: {error.strerror}")
