"""What is far too much is refused with the code that says so, in bounded time."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest

from seatrial.compiler.pipeline import read
from seatrial.dsl.source import Source
from seatrial.loading import load
from seatrial.texts import MOST_BYTES, Unreadable

from .subject import bounded

pytestmark = pytest.mark.long

MANY = 100_000
POOL = "pool p { agents 3 }"
CASES: dict[str, tuple[str, str, str]] = {
    "blocks in blocks": ("fleet", "a {" * MANY, "ST0004"),
    "blocks in blocks, all closed": ("fleet", "a {" * MANY + "}" * MANY, "ST0004"),
    "a million braces": ("fleet", "{" * 1_000_000, "ST0004"),
    "fifty megabytes": ("fleet", "# x\n" * 13_000_000, "ST0004"),
    "a million digits": ("fleet", f"fleet f {{ pool p {{ agents {'9' * 1_000_000} }} }}", "ST1104"),
    "a million digits behind the point": ("fleet", f"fleet f {{ pool p {{ agents 3; drain 1.{'9' * 1_000_000}s }} }}",
                                          "ST1104"),
    "a product without end": ("fleet", f"fleet f {{ pool p {{ agents ({' * '.join(['9' * 50] * 400)}) }} }}", "ST1104"),
    "parentheses in parentheses": ("fleet", f"fleet f {{ pool p {{ agents {'(' * MANY}3{')' * MANY} }} }}", "ST1004"),
    "a loop over a billion": ("fleet", f"fleet f {{ for a in 1..1_000_000_000 {{ {POOL} }} }}", "ST1041"),
    "loops that multiply to a billion": (
        "fleet",
        "fleet f { for a in 1..1000 { for b in 1..1000 { for c in 1..1000 { pool p-$a-$b-$c { agents 3 } } } } }",
        "ST1041",
    ),
    "loops that say nothing a billion times": (
        "fleet", f"fleet f {{ {'for a in 1..1000 { ' * 3}{'} ' * 3}{POOL} }}", "ST1041"
    ),
    "lets that stand for lets": (
        "fleet",
        'let a0 = "x"\n'
        + "".join(f'let a{n} = "{f"$a{n - 1}" * 10}"\n' for n in range(1, 12))
        + f"fleet f {{ {POOL} }}",
        "ST0004",
    ),
    "a template in too many pools": (
        "fleet",
        "template t { agents 3\n" + "drain 1s\n" * 2_000 + "}\nfleet f {\n"
        + "".join(f"pool p{n} like t {{ }}\n" for n in range(200)) + "}",
        "ST0004",
    ),
    "a let of itself": ("fleet", "let a = $a\nfleet f { pool p { agents $a } }", "ST1040"),
    "too many environments": (
        "fleet",
        "fleet f { " + POOL + "\n" + "".join(f"environment e{n} {{ {POOL} }}\n" for n in range(200)) + "}",
        "ST0004",
    ),
    "a YAML of a billion laughs": (
        "yaml",
        "a: &a [x, x]\n" + "".join(f"{two}: &{two} [*{one}, *{one}]\n" for one, two in pairwise("abcdefgh")),
        "ST0102",
    ),
    "YAML lists in lists": ("yaml", "[" * MANY, "ST0004"),
    "YAML mappings in mappings": ("yaml", "".join(f"{' ' * n}a:\n" for n in range(2_000)), "ST0004"),
    "JSON lists in lists": ("json", "[" * MANY, "ST0004"),
    "a JSON number of a billion digits": ("json", '{"fleet": {"f": {"pool": {"p": {"agents": 1e999999999}}}}}', ""),
}  # fmt: skip


LONGEST = {"a template in too many pools", "loops that multiply to a billion"}
"""Those that are read for ten seconds until it is known."""


@pytest.mark.parametrize("name", [pytest.param(one, marks=pytest.mark.slow if one in LONGEST else ()) for one in CASES])
def test_it_is_refused(name: str) -> None:
    notation, text, code = CASES[name]
    with bounded(60):
        found = read(Source(f"spec.{notation}", text)).diagnostics
    assert found
    assert not code or code in {one.code for one in found}


def test_files_that_use_files_are_refused_where_they_go_round_or_grow() -> None:
    def doubling(_user: Source, path: str) -> tuple[Source, ...]:
        return (Source(path, f'use "{path}x"\nuse "{path}y"\n' if len(path) < 30 else "let a = 1\n"),)

    def round_about(_user: Source, path: str) -> tuple[Source, ...]:
        return (Source(path, f'use "{"b" if path == "a" else "a"}"\n'),)

    def enormous(_user: Source, path: str) -> tuple[Source, ...]:
        return (Source(path, "#" * 6_000_000),)

    text = "".join(f'use "{name}"\n' for name in "abcdefgh") + f"fleet f {{ {POOL} }}\n"
    for library in (doubling, round_about, enormous):
        with bounded(60):
            assert "ST1042" in {one.code for one in read(Source("main.fleet", text), library).diagnostics}


def _endless(folder: Path) -> dict[str, Path]:
    """Files without an end, or with one that is far away."""
    pipe, sparse, link = folder / "pipe.fleet", folder / "sparse.fleet", folder / "link.fleet"
    os.mkfifo(pipe)
    with sparse.open("wb") as stream:
        stream.truncate(24 * MOST_BYTES)
    link.symlink_to("/dev/zero")
    zero, chance, own = Path("/dev/zero"), Path("/dev/random"), Path("/proc/self/environ")
    return {"zero": zero, "random": chance, "pipe": pipe, "sparse": sparse, "link": link, "environ": own}


@pytest.mark.parametrize("which", ["zero", "random", "pipe", "sparse", "link", "environ"])
@pytest.mark.parametrize(("clause", "code"), [("use", "ST1042"), ("trace", "ST1020")])
def test_no_file_without_an_end_is_read_nor_waited_for(tmp_path: Path, which: str, clause: str, code: str) -> None:
    path = _endless(tmp_path)[which]
    spec = tmp_path / "spec.fleet"
    named = f'use "{path}"' if clause == "use" else f'demand d {{ trace "{path}" column "x" }}'
    spec.write_text(f"fleet f {{ {named}\n{POOL} }}\n", encoding="utf-8")
    with bounded(60):
        found = load(spec).checked.diagnostics
    (one,) = [one for one in found if one.code == code]
    assert str(path) in one.message and one.labels[0].span.text == f'"{path}"'


@pytest.mark.parametrize("which", ["zero", "random", "sparse"])
def test_nor_is_a_spec_without_an_end(tmp_path: Path, which: str) -> None:
    with bounded(60), pytest.raises(Unreadable, match="more than the 268,435,456 bytes"):
        load(_endless(tmp_path)[which])
