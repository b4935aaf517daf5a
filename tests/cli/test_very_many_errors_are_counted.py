"""One slip in a generated text, thousands of times, is told a few times and counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.diagnostics.fewer import IN_FILE, IN_LINE, IN_LOG, fewer
from seatrial.dsl.source import Source

from .command import seatrial

IN_ONE_LINE = "fleet f { pool p { agents 3; " + "drain 5; " * 2_000 + "} }\n"
IN_MANY = "fleet f {\n" + "".join(f"pool p{n} {{ agents 3; drain 5 }}\n" for n in range(1_000)) + "pool q\n}\n"


def found(text: str) -> tuple[Diagnostic, ...]:
    return judge(read(Source("f.fleet", text)), {}).diagnostics


def test_of_one_line_a_few_are_kept_and_the_rest_counted() -> None:
    kept = fewer(found(IN_ONE_LINE))
    assert len(kept) == IN_LINE + 1
    assert kept[-1].message == "and 1,990 more of this kind, in this line" and kept[-1].code == "ST1101"


def test_of_one_file_more_are_kept_and_no_other_code_is_lost() -> None:
    everything = found(IN_MANY)
    kept = fewer(everything)
    told = [one for one in kept if one.code == "ST1101"]
    assert len(told) == IN_FILE + 1 and told[-1].message == "and 900 more of this kind, from here to line 1001"
    assert {one.code for one in kept} == {one.code for one in everything} > {"ST1101"}
    assert fewer(everything, IN_LOG) == list(everything)


def test_what_a_guarantee_is_told_by_is_never_left_out() -> None:
    one = found(IN_ONE_LINE)[0]
    refuted = [Diagnostic("ST2101", one.severity, f"{n}", one.labels, guarantee=f"g/{n}") for n in range(50)]
    assert fewer(refuted) == refuted


@pytest.mark.parametrize("style", ["text", "sarif", "github", "junit"])
def test_no_format_for_readers_grows_with_them(style: str, tmp_path: Path) -> None:
    (tmp_path / "f.fleet").write_text(IN_ONE_LINE)
    said = seatrial("check", "f.fleet", "--format", style, cwd=tmp_path)
    assert said.code == 2
    assert "and 1,990 more of this kind" in said.out + said.err and len(said.out + said.err) < 20_000


def test_json_and_verbose_have_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "f.fleet").write_text(IN_ONE_LINE)
    told = json.loads(seatrial("check", "f.fleet", "--format", "json", cwd=tmp_path).out)
    assert len(told["diagnostics"]) == 2_000
    verbose = seatrial("check", "f.fleet", "-v", cwd=tmp_path)
    assert verbose.err.count("error[ST1101]") == 2_000 and "2,000 errors" in verbose.err


@pytest.mark.parametrize("words", [["fmt"], ["convert", "--to", "yaml"], ["compile", "--out", "x"], ["headroom"]])
def test_nor_does_what_other_commands_say(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "f.fleet").write_text(IN_ONE_LINE if words != ["fmt"] else IN_ONE_LINE.replace("5;", '";'))
    assert len(seatrial(words[0], "f.fleet", *words[1:], cwd=tmp_path).err) < 20_000
