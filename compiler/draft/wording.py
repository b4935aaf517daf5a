"""Answers and a size -> the text of a spec, with a remark wherever a newcomer will want to change something.

Invariant: the text is what `seatrial fmt` makes of it.
"""

from __future__ import annotations

from fractions import Fraction

from seatrial.dsl.format import format_file
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source

from ..semantics.flapping import drained_seconds
from ..semantics.probes import grace
from ..semantics.scaling import behavior_of, in_flight
from ..semantics.spend import DAY_S
from ..verify.words import counted, number
from .answers import Answers
from .rounding import dollars_a_day, duration, rate, up
from .sizes import Size

RISE_MINUTES = 5
"""The way from the usual rate to the peak, where nothing is known of it."""
_BACKOFF_MOST = Fraction(1, 4)
_DRAIN_S = Fraction(30)
_DOWN_S, _STEP_PERCENT, _STEP_S = 300, 100, 15


def text_of(answers: Answers, size: Size) -> str:
    """The spec in canonical style."""
    source = Source("draft.fleet", _text(answers, size))
    file, errors = parse(source)
    assert file is not None and not errors, errors
    return format_file(file)


def title_of(name: str) -> str:
    return name.replace("-", " ").capitalize()


def cost_of(answers: Answers, size: Size) -> Fraction:
    """Dollars a second of the most agents, and of those that drain as the autoscaler goes to and fro."""
    steps = behavior_of(_DOWN_S, _STEP_PERCENT, _STEP_S)
    drained = drained_seconds(size.agents_min, size.agents_max, steps, grace(_drain(answers)), DAY_S)
    return (size.agents_max + Fraction(drained, DAY_S)) * answers.price.value


def _drain(answers: Answers) -> Fraction:
    return max(_DRAIN_S, up(answers.p99.value))


def _text(answers: Answers, size: Size) -> str:
    steady, peak = answers.steady, answers.peak
    attempt = up(max(answers.p99.value * 2, *(limit.value for _, limit in answers.latency)))
    whole = up(attempt * (size.net.retries + 1) + _BACKOFF_MOST * size.net.retries)
    rise = peak.value - steady.value
    rises = f"\n    rises at most {rate(up(rise / RISE_MINUTES))} per 1m" if rise else ""
    budget = answers.budget.text if answers.budget else dollars_a_day(cost_of(answers, size))
    latency = ", ".join(f"{quantile.text} < {limit.text}" for quantile, limit in answers.latency)
    busy = number(in_flight(steady.value, answers.mean.value))
    steps = f"down over {duration(Fraction(_DOWN_S))}; at most {_STEP_PERCENT}% per {_STEP_S}s"
    part = f"\n    scale 1/{size.trial_part}" if size.trial_part > 1 else ""
    load = f"\n    load requests x{number(size.trial_load, 2)}" if size.trial_load is not None else ""
    return f"""\
language 1

# Lines with "yours" hold figures of nobody's fleet in particular: measure, write, and run `seatrial check` again.
fleet {answers.name} "{title_of(answers.name)}" {{
  # What is asked of it: the usual rate, and the most that it has to bear.
  demand requests {{
    steady {steady.text}
    peak {peak.text} for 10m every 1d{rises}  # yours: how long, how often, how steep
  }}

  pool worker {{
    # A failed request is tried again on another agent, and an agent that fails in a row is put aside.
    serves requests {{
      timeout {duration(whole)}
      try timeout {duration(attempt)}
      retry {size.net.retries} {{ backoff 25ms up to 250ms; budget 20% }}
      break after 3 errors {{ eject at most {size.net.eject_percent}% for 10s }}
    }}
    image "registry.example/{answers.name}/worker:1.0"  # yours
    # {steady.text} of {answers.mean.text} each keep {busy} slots busy; an agent has {answers.concurrency}.
    agents {size.agents_min}..{size.agents_max}
    each {{
      concurrency {answers.concurrency}
      service mean {answers.mean.text}, p99 {answers.p99.text}
      startup 5s  # yours
      cpu 250m  # yours
      memory 256Mi  # yours
      price {answers.price.text}
    }}
    scale on busy {size.busy_percent}% {{ up within 2m; {steps} }}
    health every 2s {{ fails after 2 }}
    disrupt at most 1 agent
    drain {duration(_drain(answers))}
  }}

  # What {counted(size.agents_max, "agent")} may cost, and what must hold.
  budget agents {budget}
  guarantee latency {latency}
  guarantee success {answers.success.text} over 30d
  guarantee recovery within 1m

  # `seatrial trial` runs this on your machine: the compiled fleet, its usual load, and an agent that is killed.
  trial first {{{part}
    duration {size.trial_seconds}s{load}
    kill 1 agent of worker at 8s
  }}
}}
"""
