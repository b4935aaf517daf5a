"""`seatrial completion SHELL`: the script that makes a shell complete our commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from .app import HOLDS, cli


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print a completion script; for bash: `eval "$(seatrial completion bash)"`."""
    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(cli, {}, "seatrial", "_SEATRIAL_COMPLETE").source())
    return HOLDS
