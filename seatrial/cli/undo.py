"""`seatrial undo DIR`: what a broken-off trial left in force."""

from __future__ import annotations

import os
from pathlib import Path

import click

from seatrial.chaos.faults.undo import undo_all

from .app import HOLDS
from .refusal import Refused


@click.command("undo")
@click.argument("folder", type=click.Path(path_type=Path))
def command(folder: Path) -> int:
    """Undo every fault that the undo log in FOLDER lists as still in force.

    A trial does this itself, also when it is killed; this is for when the machine was.
    """
    if not folder.is_dir():
        raise Refused(
            f"{folder}: {'is no folder' if os.path.lexists(folder) else 'no such folder'}; name that of a trial"
        )
    if not (folder / "undo.jsonl").is_file():
        raise Refused(f"{folder}: holds no undo log; name the folder of a trial")
    undone = undo_all(str(folder))["undone"]
    assert isinstance(undone, list)
    for one in undone:
        gone = f" (already gone: {', '.join(one['gone'])})" if one["gone"] else ""
        click.echo(f"undone: {one['what']}{gone}")
    if not undone:
        click.echo(f"{folder}: nothing was in force")
    return HOLDS
