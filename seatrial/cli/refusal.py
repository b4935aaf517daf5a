"""What a user asked for and cannot be had: shown in one line, exit code 2."""

from __future__ import annotations

import errno
import os
from pathlib import Path
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


def not_written(path: Path, error: OSError) -> Refused:
    """What cannot be made at a path, why, and what to do; in the words of the system only where they say it."""
    there = next((one for one in path.parents if os.path.lexists(one)), path.parent)
    if not there.is_dir():
        return Refused(f"{path}: {there} is no folder, so nothing can be made in it; name another place")
    if error.errno == errno.ENOENT:
        # There is a folder, and the system says that there is none: such as /proc, whose files are the kernel's.
        return Refused(f"{path}: no file can be made in {there}; name another place")
    return Refused(f"{path}: cannot be written: {error.strerror or error}; name another place, or mend that")


def refuse(error: OSError) -> NoReturn:
    """What the system says of a file or a folder."""
    raise Refused(f"{error.filename}: {error.strerror}")
