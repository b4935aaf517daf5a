"""`seatrial schema`: what an editor needs to complete and to check specs in YAML and JSON."""

from __future__ import annotations

from pathlib import Path

import click

from seatrial.dsl.exchange.schema import schema_text

from .app import HOLDS
from .files import write_one


@click.command("schema")
@click.option("--out", default="-", metavar="FILE", help="The file to write; `-`, the default, is stdout.")
def command(out: str) -> int:
    """Print the JSON Schema (draft 2020-12) of specs that are written in YAML or JSON."""
    if out == "-":
        click.echo(schema_text(), nl=False)
        return HOLDS
    write_one(Path(out), schema_text().encode())
    return HOLDS
