"""Reading the specs that a command names, in the variant that its options ask for."""

from __future__ import annotations

import functools
import gc
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seatrial.texts import Unreadable, specs_in

from .refusal import NotRead, Refused, refuse
from .standard_input import DASH, named, text_given

if TYPE_CHECKING:
    from seatrial.compiler.memory import Memory
    from seatrial.loading import Loaded
    from seatrial.solver import ProcessSolver


@dataclass(frozen=True, slots=True)
class Choices:
    """What the options of every command that reads a spec say."""

    environment: str | None
    settings: dict[str, str]
    traces: dict[str, str]
    changes: tuple[str, ...] = ()
    """Clauses that are tried in the place of the spec's own."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """What files would say, by their paths."""

    @property
    def question(self) -> list[object]:
        """What of them decides the answer."""
        return [self.environment, self.settings, self.traces]

    @property
    def words(self) -> list[str]:
        """The options that say the same once more."""
        said = ["--env", self.environment] if self.environment is not None else []
        for option, pairs in (("--set", self.settings), ("--trace", self.traces)):
            for name, value in pairs.items():
                said += [option, f"{name}={value}"]
        return said


def _one(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> str | None:
    """click would take the last one and pass the others by."""
    if len(given) > 1:
        raise Refused(f"--env is said {len(given)} times: {', '.join(given)}; a fleet is in one environment")
    return given[0] if given else None


def env_option(help_: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Adds --env to a command, which gets it as `environment`."""
    return click.option("--env", "environment", multiple=True, callback=_one, metavar="NAME", help=help_)


def spec_options(function: Callable[..., int]) -> Callable[..., int]:
    """Adds --env, --set and --trace to a command, which gets them as `choices`."""

    @env_option("The environment to lay over the fleet.")
    @click.option(
        "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Another value for a let (repeatable)."
    )
    @click.option(
        "--trace",
        "traces",
        multiple=True,
        metavar="DEMAND=FILE",
        help="Another recording for a demand than the spec names (repeatable).",
    )
    @functools.wraps(function)
    def command(
        *given: Any, environment: str | None, settings: tuple[str, ...], traces: tuple[str, ...], **more: Any
    ) -> int:
        files = pairs("--trace", traces, "DEMAND=FILE")
        choices = Choices(environment, pairs("--set", settings, "NAME=VALUE"), files)
        return function(*given, choices=choices, **more)

    return command


def specs_of(given: Sequence[Path]) -> tuple[Path, ...]:
    """The files that are named, and in the place of each folder the specs in it; a spec that is there twice is one,
    as it was named first. Raises Refused where a folder has none, or one in it cannot be read."""
    found: dict[tuple[str, str], Path] = {}
    for one in given:
        # A name may be too long for `Path.is_dir`.
        inside = list(specs_in(one, unreadable=refuse)) if os.path.isdir(one) else [one]  # noqa: PTH112
        if not inside:
            raise Refused(f"{one}: no .fleet file lies in this folder")
        for spec in inside:
            found.setdefault(_same(spec), spec)
    return tuple(found.values())


def _same(spec: Path) -> tuple[str, str]:
    """By what a spec is found again: its file, and the folder that its `use` starts from, which a link changes."""
    if str(spec) == DASH:
        return DASH, ""
    return os.path.realpath(spec), os.path.realpath(spec.parent)


def pairs(option: str, given: tuple[str, ...], form: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for one in given:
        # As in `let n = 4`: no name ends in a blank.
        name, equals, value = (part.strip() for part in one.partition("="))
        if not (name and equals and value):
            raise Refused(f"{option} {one}: write it as {form}")
        if name in pairs:
            raise Refused(f"{option} {name} is said twice: {pairs[name]} and {value}")
        pairs[name] = value
    return pairs


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the garbage collector, for what makes hundreds of thousands of small objects and no cycles among them: it
    would go over all of them again and again, which takes as long as the work itself. What was made stays out of it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@uncollected()
def loaded(
    path: Path,
    choices: Choices,
    stdin_name: str | None = None,
    solver: ProcessSolver | None = None,
    text: str | None = None,
    memory: Memory | None = None,
    mend: bool = True,
) -> Loaded:
    """The checked spec, of standard input for `-`; what cannot be read ends the command with exit code 2.

    `text` is what it says, where it is in no file; `memory` is as in `load`. `mend`: whether to look for repairs.
    """
    from seatrial.compiler.pipeline import Variant
    from seatrial.compiler.verify.check import Depth
    from seatrial.loading import load

    from .watching import Watcher

    traces = {demand: Path(file) for demand, file in choices.traces.items()}
    try:
        variant = Variant(choices.environment, choices.settings, choices.changes)
        with Watcher() as watcher:
            watcher.begin(path)
            if text is None and str(path) == DASH:
                path, text = Path(named(path, stdin_name)), text_given(path, stdin_name)
            depth = Depth.MENDED if mend else Depth.CONFIRMED
            return load(path, variant, traces, text, solver, watcher.tell, choices.texts, memory, depth)
    except Unreadable as error:
        raise NotRead(error) from None
