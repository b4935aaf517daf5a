"""What is left of a tether's processes, however they left their group."""

from __future__ import annotations

from seatrial.chaos.local.process import Identity, alive, marked
from seatrial.chaos.local.tether import Tether


def survivors(tether: Tether) -> tuple[Identity, ...]:
    return tuple(process for process in marked(tether.mark) if alive(process))
