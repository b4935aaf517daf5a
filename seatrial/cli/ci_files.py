"""A spec and a system of continuous integration -> the file that checks it there.

seatrial is installed from where the pipeline says, never from a name on a public index that nobody vouched for.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

SYSTEMS = ("github", "gitlab", "pre-commit")

_GITHUB = """\
name: fleet policy
on: [push, pull_request]
permissions:
  contents: read
jobs:
  seatrial:
    runs-on: ubuntu-latest
    env:
      SPEC: {spec}
      # What pip installs: a wheel, a folder of this repository, a git+https URL. Set it among the variables.
      SEATRIAL: ${{{{ vars.SEATRIAL }}}}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: python -m pip install --quiet "${{SEATRIAL:?set the variable SEATRIAL to what pip installs}}"
      - run: seatrial fmt --check "$SPEC"
      - run: seatrial check --format github "$SPEC"
"""

_GITLAB = """\
# In .gitlab-ci.yml: `include: {{ local: .gitlab/seatrial.yml }}`
seatrial:
  image: python:3.12 # the slim one has no git, which a git+https URL wants
  variables:
    SPEC: {spec}
  script:
    # What pip installs: a wheel, a folder of this repository, a git+https URL. Set it among the project's variables.
    - python -m pip install --quiet "${{SEATRIAL:?set the variable SEATRIAL to what pip installs}}"
    - seatrial fmt --check "$SPEC"
    - seatrial check --format junit --output seatrial.xml "$SPEC"
  artifacts:
    when: always
    reports:
      junit: seatrial.xml
"""

_PRE_COMMIT = """\
# Runs the seatrial that is installed where you commit.
repos:
  - repo: local
    hooks:
      - id: seatrial-fmt
        name: seatrial fmt
        entry: seatrial fmt
        language: system
        files: {pattern}
      - id: seatrial-check
        name: seatrial check
        entry: seatrial check --quiet
        # The whole fleet, whichever of its files has changed.
        args: [{spec}]
        pass_filenames: false
        language: system
        files: {pattern}
"""

_FILES = {
    "github": (".github/workflows/seatrial.yml", _GITHUB),
    "gitlab": (".gitlab/seatrial.yml", _GITLAB),
    "pre-commit": (".pre-commit-config.yaml", _PRE_COMMIT),
}


def ci_file(system: str, spec: Path) -> tuple[Path, bytes]:
    """The file's place, at the root of the checkout that the spec is to lie in, and its content."""
    root = _root(spec)
    place, text = _FILES[system]
    name = (spec.parent.resolve() / spec.name).relative_to(root.resolve()).as_posix()
    # Of YAML and JSON not every file is a spec.
    pattern = r"\.fleet$" if spec.suffix == ".fleet" else f"^{re.escape(name)}$"
    # JSON strings are YAML's too, whatever stands in them.
    content = text.format(spec=json.dumps(name), pattern=json.dumps(pattern))
    return root / place, content.encode()


def _root(spec: Path) -> Path:
    """The nearest folder upwards with a `.git`; the spec's own where there is none."""
    folder = spec.parent
    for up in (folder.resolve(), *folder.resolve().parents):
        if (up / ".git").exists():
            return Path(os.path.relpath(up))
    return folder
