"""Line charts as inline SVG.

Turns curves, limits and marked times into one `<svg>` element. Invariant: no script, no reference to anything outside,
every text escaped, all colours from the page's style sheet by class, so that one drawing serves light, dark and paper.

Our own, on purpose. What a page of this kind needs is lines, bands and labels. Of the libraries that draw without a
browser, pygal loads its scripts from a foreign host unless told otherwise and has no bands, plotly's script alone is
4 MB, and matplotlib is a heavy dependency that bakes its colours into the drawing.

On a phone the style sheet enlarges the text and hides every second label ("minor"), as the drawing itself shrinks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape

from ..verdict import wording

WIDTH, HEIGHT = 720, 240
TOP, BOTTOM, LEFT, RIGHT = 22, 28, 62, 8


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (seconds, value); a value of None breaks the line. `style` is the CSS class that colours it.

    `steps` draws a value as holding until the next point, not as a line towards it.
    """

    name: str
    style: str
    points: Sequence[tuple[float, float | None]]
    steps: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A band from `start` to `end`, or a line where both are the same, with a short label above the plot."""

    label: str
    title: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Chart:
    """`key` is unique in the page (ids); `summary` says in words what the drawing shows, for those who don't see it."""

    key: str
    title: str
    summary: str
    duration: float
    curves: Sequence[Curve]
    label: Callable[[float], str]
    limits: Sequence[Limit] = ()
    marks: Sequence[Mark] = ()
    logarithmic: bool = False
    floor: float | None = 0.0
    """The least value of the axis; None for the least of the data."""
    ceiling: float | None = None
    width: int = WIDTH
    height: int = HEIGHT
    whole: bool = False
    """Whether values are counts, whose axis has no fractions."""


@dataclass(frozen=True, slots=True)
class _Frame:
    chart: Chart
    low: float
    high: float
    ticks: Sequence[float] = field(default=())

    def x(self, seconds: float) -> float:
        share = min(1.0, max(0.0, seconds / self.chart.duration))
        return round(LEFT + share * (self.chart.width - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        low, high = self.low, self.high
        if self.chart.logarithmic:
            low, high, value = math.log10(low), math.log10(high), math.log10(max(value, low))
        share = min(1.0, max(0.0, (value - low) / (high - low)))
        return round(self.chart.height - BOTTOM - share * (self.chart.height - TOP - BOTTOM), 1)


def draw(chart: Chart) -> str:
    """The chart as an `<svg>` element with a title and a description."""
    frame = _frame(chart)
    parts = [
        _opening("chart", chart.key, chart.width, chart.height, chart.title, chart.summary),
    ]
    parts += [_mark(frame, mark) for mark in chart.marks]
    parts += _time_axis(frame)
    parts += _grid(frame)
    parts += [_limit(frame, limit) for limit in chart.limits]
    parts += [_curve(frame, curve) for curve in chart.curves]
    # Labels last, so that no line runs over them.
    parts += _value_labels(frame)
    parts += _mark_labels(frame)
    parts.append("</svg>")
    return "".join(parts)


def lanes(key: str, title: str, summary: str, duration: float, rows: Sequence[tuple[str, Sequence[Mark]]]) -> str:
    """A timeline: a row a thing, its name above its lane, bars and ticks where it was there."""
    pitch = 40
    height = TOP + pitch * len(rows) + BOTTOM - 8
    frame = _Frame(Chart(key, title, summary, duration, (), str, height=height), 0, 1)
    parts = [
        _opening("chart lanes", key, WIDTH, height, title, summary),
        *_time_axis(frame),
    ]
    for index, (name, marks) in enumerate(rows):
        top = TOP + index * pitch
        parts.append(f'<text class="lane-name" x="{LEFT}" y="{top}">{escape(name)}</text>')
        parts.append(f'<rect class="lane" x="{LEFT}" y="{top + 6}" width="{WIDTH - LEFT - RIGHT}" height="14" rx="2"/>')
        for mark in marks:
            left = frame.x(mark.start)
            width = max(3.0, frame.x(mark.end) - left)
            parts.append(
                f'<rect class="bar" x="{left}" y="{top + 6}" width="{width:.1f}" height="14" rx="2">'
                f"<title>{escape(mark.title)}</title></rect>"
            )
    parts.append("</svg>")
    return "".join(parts)


def nice_ticks(low: float, high: float, wished: int = 4, whole: bool = False) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten that cover [low, high]."""
    span = max(high - low, 1e-12)
    power = 10.0 ** math.floor(math.log10(span / wished))
    step = next(factor * power for factor in (1, 2, 5, 10) if span / (factor * power) <= wished)
    if whole:
        step = max(1.0, math.ceil(step))
    first = math.floor(low / step + 1e-9)
    return [round((first + index) * step, 12) for index in range(math.ceil(high / step - 1e-9) - first + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten, with 2 and 5 times them where the range is short."""
    factors = (1,) if high / low > 2e3 else (1, 2, 5) if high / low < 50 else (1, 3)
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    return [factor * 10.0**power for power in powers for factor in factors]


def _opening(style: str, key: str, width: int, height: int, title: str, summary: str) -> str:
    # An id must hold no space, nor what would end the attribute. Names in a plan are DNS labels and stay as they are.
    key = re.sub(r"[^A-Za-z0-9-]", "-", key)
    names = f'role="img" aria-labelledby="{key}-t {key}-d"'
    return (
        f'<svg class="{style}" viewBox="0 0 {width} {height}" {names}>'
        f'<title id="{key}-t">{escape(title)}</title><desc id="{key}-d">{escape(summary)}</desc>'
    )


def _frame(chart: Chart) -> _Frame:
    values = [value for curve in chart.curves for _, value in curve.points if value is not None]
    values += [limit.value for limit in chart.limits]
    if chart.logarithmic:
        positive = [value for value in values if value > 0] or [0.001, 1.0]
        low, high = min(positive) / 1.25, max(positive) * 1.4
        return _Frame(chart, low, high, [tick for tick in log_ticks(low, high) if low <= tick <= high])
    low = chart.floor if chart.floor is not None else min(values, default=0.0)
    high = chart.ceiling if chart.ceiling is not None else max(values, default=1.0) * 1.08
    if high <= low:
        high = low + 1
    ticks = nice_ticks(low, high, whole=chart.whole)
    low = low if chart.floor is not None else ticks[0]
    high = high if chart.ceiling is not None else max(high, ticks[-2] if len(ticks) > 1 else high)
    return _Frame(chart, low, high, [tick for tick in ticks if low <= tick <= high])


def _grid(frame: _Frame) -> list[str]:
    right = frame.chart.width - RIGHT
    return [f'<path class="grid" d="M{LEFT} {frame.y(tick)}H{right}"/>' for tick in frame.ticks]


def _value_labels(frame: _Frame) -> list[str]:
    return [
        f'<text class="tick{" minor" if index % 2 else ""}" x="{LEFT - 8}" y="{frame.y(tick) + 4}" '
        f'text-anchor="end">'
        f"{escape(frame.chart.label(tick))}</text>"
        for index, tick in enumerate(frame.ticks)
    ]


def _time_axis(frame: _Frame) -> list[str]:
    bottom = frame.chart.height - BOTTOM
    wished = 8 if frame.chart.width >= WIDTH else 5
    ticks = [tick for tick in nice_ticks(0, frame.chart.duration, wished=wished) if tick <= frame.chart.duration]
    parts = [f'<path class="axis" d="M{LEFT} {bottom}H{frame.chart.width - RIGHT}"/>']
    for index, tick in enumerate(ticks):
        at = frame.x(tick)
        anchor = "start" if index == 0 else "end" if tick > frame.chart.duration * 0.97 else "middle"
        parts.append(f'<path class="axis" d="M{at} {bottom}v4"/>')
        minor = " minor" if index % 2 else ""
        text = f"{tick:g} s" if index == 0 else f"{tick:g}"
        parts.append(f'<text class="time{minor}" x="{at}" y="{bottom + 18}" text-anchor="{anchor}">{text}</text>')
    return parts


def _limit(frame: _Frame, limit: Limit) -> str:
    at = frame.y(limit.value)
    name = escape(limit.name)
    return (
        f'<g class="limit"><path d="M{LEFT} {at}H{frame.chart.width - RIGHT}"/>'
        f'<text x="{LEFT + 4}" y="{at - 4}">{name}</text></g>'
    )


def _curve(frame: _Frame, curve: Curve) -> str:
    path: list[str] = []
    pen_down = False
    lonely: list[str] = []
    for index, (seconds, value) in enumerate(curve.points):
        if value is None:
            pen_down = False
            continue
        x, y = frame.x(seconds), frame.y(value)
        path.append(f"H{x}V{y}" if pen_down and curve.steps else f"{'L' if pen_down else 'M'}{x} {y}")
        following = curve.points[index + 1][1] if index + 1 < len(curve.points) else None
        if not pen_down and following is None:
            lonely.append(f'<circle cx="{x}" cy="{y}" r="2.5"/>')
        pen_down = True
    return f'<g class="curve {curve.style}"><path d="{"".join(path)}"/>{"".join(lonely)}</g>' if path else ""


def _mark(frame: _Frame, mark: Mark) -> str:
    left, right = frame.x(mark.start), frame.x(mark.end)
    bottom = frame.chart.height - BOTTOM
    title = f"<title>{escape(mark.title)}</title>"
    if right - left < 1.5:
        return f'<path class="strike" d="M{left} {TOP - 4}V{bottom}">{title}</path>'
    size = f'width="{right - left:.1f}" height="{bottom - TOP + 4}"'
    return f'<rect class="band" x="{left}" y="{TOP - 4}" {size}>{title}</rect>'


def _mark_labels(frame: _Frame) -> list[str]:
    parts: list[str] = []
    last = -math.inf
    for mark in sorted(frame.chart.marks, key=lambda mark: mark.start):
        at = min(max((frame.x(mark.start) + frame.x(mark.end)) / 2, LEFT + 6), frame.chart.width - RIGHT - 6)
        # Two labels in one place would be neither: the later one gives way, and the timeline above has it.
        if at - last < 14:
            continue
        last = at
        parts.append(f'<text class="mark" x="{at:.1f}" y="{TOP - 8}" text-anchor="middle">{escape(mark.label)}</text>')
    return parts


def axis_seconds(value: float) -> str:
    """A tick of a latency axis: 200 ms, 1 s."""
    return wording.seconds(value)


def axis_share(value: float) -> str:
    return wording.share(value)


def axis_count(value: float) -> str:
    return f"{value:g}"
