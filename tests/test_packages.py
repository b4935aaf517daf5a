"""What is on disk is what is shipped: every package and every file that the code reads, through one import name."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SETUP = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = ("dsl", "compiler", "targets", "chaos")


def _on_disk() -> dict[str, Path]:
    """Each folder with an `__init__.py`, by its name as a package."""
    # The rooms lie at the top; the links to them inside `seatrial/` are for static tools, and not followed.
    inner = {
        path.parent for at in (ROOT / "seatrial").iterdir() if not at.is_symlink() for path in at.rglob("__init__.py")
    }
    found = {f"seatrial.{folder.relative_to(ROOT / 'seatrial')}".replace("/", "."): folder for folder in inner}
    for room in ROOMS:
        for path in (ROOT / room).rglob("__init__.py"):
            found[f"seatrial.{path.parent.relative_to(ROOT)}".replace("/", ".")] = path.parent
    return {"seatrial": ROOT / "seatrial"} | found


def test_every_package_on_disk_is_listed_and_every_listed_one_is_on_disk() -> None:
    # A package that is forgotten in the list vanishes from the wheel without a word.
    listed = SETUP["tool"]["setuptools"]["packages"]
    assert sorted(listed) == sorted(_on_disk())
    assert len(listed) == len(set(listed))


def test_no_folder_with_code_lacks_its_init() -> None:
    folders = {path.parent for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    assert folders == {folder for folder in _on_disk().values() if folder.relative_to(ROOT).parts[0] in ROOMS}


def test_no_module_has_more_than_400_lines() -> None:
    modules = [path for folder in _on_disk().values() for path in folder.glob("*.py")]
    assert len(modules) > 300
    long = {str(path): count for path in modules if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400}
    assert long == {}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from what git would ship, in a folder of its own: a build must not depend on what lies about here."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        at = ROOT / name
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        if at.is_symlink():
            (source / name).symlink_to(at.readlink())
        elif at.is_file():
            (source / name).write_bytes(at.read_bytes())
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", ".", "-w", out],
        cwd=source,
        check=True,
    )
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_holds_every_module_and_every_file_that_the_code_reads(wheel: Path) -> None:
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if not name.split("/")[0].endswith(".dist-info")}
    wanted = set()
    for name, folder in _on_disk().items():
        at = name.replace(".", "/")
        wanted |= {f"{at}/{path.name}" for path in folder.glob("*.py")}
    patterns = SETUP["tool"]["setuptools"]["package-data"]
    for name, globs in patterns.items():
        for pattern in globs:
            found = [path.relative_to(_on_disk()[name]) for path in _on_disk()[name].glob(pattern)]
            wanted |= {f"{name.replace('.', '/')}/{path}" for path in found}
    assert shipped == wanted
    for needed in (
        "seatrial/py.typed",
        "seatrial/dsl/grammar.lark",
        "seatrial/dsl/diagnostics/explain/ST2201.md",
        "seatrial/targets/runtime/fleet.schema.json",
        "seatrial/chaos/verdict/verdict.schema.json",
        "seatrial/chaos/report/report.html.j2",
        "seatrial/chaos/report/report.css",
    ):
        assert needed in shipped


def test_every_file_beside_the_code_is_shipped_or_is_a_readme(wheel: Path) -> None:
    shipped = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *ROOMS],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split()
    left_out = [name for name in listed if (ROOT / name).is_file() and f"seatrial/{name}" not in shipped]
    assert [name for name in left_out if not name.endswith("README.md")] == []


@pytest.mark.slow
def test_the_wheel_works_in_a_fresh_environment_away_from_the_repository(wheel: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    program = tmp_path / "venv" / "bin"
    subprocess.run([program / "python", "-m", "pip", "install", "--quiet", wheel], check=True)
    spec = tmp_path / "a.fleet"
    spec.write_text('fleet f { pool p { image "registry.example/p:1"; agents 2; each { cpu 100m; memory 64Mi } } }\n')
    for command in (["check", spec], ["explain", "ST2201"], ["compile", spec, "--out", tmp_path / "out"]):
        subprocess.run([program / "seatrial", *command], cwd=tmp_path, check=True, capture_output=True)
    where = subprocess.run(
        [program / "python", "-c", "import seatrial.chaos.trial as one; print(one.__file__)"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert where.startswith(str(tmp_path))
