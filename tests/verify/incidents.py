"""The published incidents in `specs/incidents`: what their remarks say of them, and what the checker answers.

Each folder has a `before.fleet`, whose first lines are remarks `# word: text` (incident, source, reported, clash; one
or more `expect: CODE figure`; one `basis`; any number of `unknown: CODE` and of `repair: literal`), and an
`after.fleet` with `# mended: text`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from seatrial.compiler.pipeline import Checked
from seatrial.loading import load

FOLDER = Path(__file__).parents[2] / "specs" / "incidents"
_REMARK = re.compile(r"# (incident|source|reported|clash|expect|basis|unknown|repair|mended): (.+)")


@dataclass(frozen=True, slots=True)
class Expected:
    """A code that must be told, and a figure that its message must hold; "" where the source reports none."""

    code: str
    figure: str


@dataclass(frozen=True, slots=True)
class Incident:
    name: str
    title: str
    source: str
    reported: str
    clash: str
    mended: str
    expected: tuple[Expected, ...]
    basis: str
    """Where the figures come from; one of `BASES`."""
    unknown: tuple[str, ...]
    """Codes of what stays open, because something was not stated in the incident's configuration either."""
    repairs: tuple[str, ...]

    def checked(self, which: str) -> Checked:
        return load(FOLDER / self.name / f"{which}.fleet").checked


def names() -> list[str]:
    return sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


def incident(name: str) -> Incident:
    said = _remarks(FOLDER / name / "before.fleet")
    expected = tuple(Expected(code, figure) for code, _, figure in (one.partition(" ") for one in said["expect"]))
    words = ("incident", "source", "reported", "clash", "basis")
    (title,), (source,), (reported,), (clash,), (basis,) = (said[word] for word in words)
    (mended,) = _remarks(FOLDER / name / "after.fleet")["mended"]
    unknown, repairs = (tuple(said.get(word, ())) for word in ("unknown", "repair"))
    return Incident(name, title, source, reported, clash, mended, expected, basis, unknown, repairs)


def _remarks(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        read = _REMARK.fullmatch(line)
        if read is None:
            break
        found.setdefault(read[1], []).append(read[2])
    return found


BASES = ("the source", "its numbers", "assumed numbers too")

HEAD = """# Published incidents

Configurations that failed where others could see it, in this language. `before.fleet` is refuted by the check that is
named and by nothing that has to do with something else; `after.fleet` is proved. A figure is the
checker's own, computed from the literals. It is what the source reports, or follows from its numbers alone, or rests on
assumed numbers too: those bear the remark `assumed` in the specs, and show that the clash can be said and is checked.

They were chosen because their numbers were published and their cause is a clash of policies. So they show what can be
said and is found, and nothing of which share of all incidents would be.

| incident | reported | clash | code | figure | from |
| --- | --- | --- | --- | --- | --- |
"""


TAIL = """
Not here, though published, since what went wrong is no policy of a fleet or its outcome follows from none:

- [Envoy put two of three hosts aside at 50 % (envoy 26877, 2023)](https://github.com/envoyproxy/envoy/issues/26877): a
  fault of that Envoy, mended since (envoy 27624). Today's rounds the share down, as is checked: one of three.
- [Monzo's six new Cassandra nodes (July 2019)](https://monzo.com/blog/2019/09/08/why-monzo-wasnt-working-on-july-29th):
  they served rows before they had them, so that a quorum of the replicas of a row read nothing. The language has votes
  of agents, and does not say which agent holds which data.
- [Reddit's autoscaler on a half-migrated ZooKeeper (August
  2016)](https://www.reddit.com/r/announcements/comments/4y0m56/why_reddit_was_down_on_aug_11/): it took healthy servers
  for gone and ended them within 16 s. No limit of its steps is reported, and what an autoscaler does on false readings
  is not modelled; that caches come back empty is `slack-cold-memcached`.
- [Universe: a Job that takes node after node (July 2017)](https://status.universe.com/incidents/115n3vxqwzcf): a Job is
  started again whatever its pods' `restartPolicy` says. The language has no Jobs; a container without a limit, which is
  what let it take a whole node, is not compiled where `memory` is stated.
"""


def table() -> str:
    rows = []
    for one in map(incident, names()):
        codes = "<br>".join(each.code for each in one.expected)
        figures = "<br>".join(each.figure for each in one.expected)
        linked = f"[{one.title}]({one.source})<br>`{one.name}`"
        rows.append(f"| {linked} | {one.reported} | {one.clash} | {codes} | {figures} | {one.basis} |\n")
    return HEAD + "".join(rows) + TAIL
