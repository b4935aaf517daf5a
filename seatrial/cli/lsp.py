"""`seatrial lsp`: the language server for editors."""

from __future__ import annotations

import click

from .app import HOLDS
from .refusal import Refused


@click.command("lsp")
@click.option("--stdio", is_flag=True, help="Speak over stdin and stdout; the default, and the only way.")
@click.option(
    "--env", "environment", default="", metavar="NAME", help="Lay over this environment, unless the editor names one."
)
def command(stdio: bool, environment: str) -> int:
    """Speak the Language Server Protocol over stdin and stdout; an editor starts this, see docs/editors.md."""
    try:
        from seatrial.lsp.server import serve
    except ModuleNotFoundError as error:
        if error.name not in ("pygls", "lsprotocol"):
            raise
        raise Refused("the language server needs pygls: pip install 'pygls>=2,<3'") from None
    serve(environment)
    return HOLDS
