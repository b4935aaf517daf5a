"""Pools by the labels of their pods.

Invariant: an empty selector selects nothing here, though to Kubernetes it means every pod.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .draft import PoolDraft


class Selection:
    def __init__(self, pools: Iterable[PoolDraft]) -> None:
        self._labelled: dict[tuple[str, str], list[PoolDraft]] = {}
        for pool in pools:
            for label in pool.labels.items():
                self._labelled.setdefault(label, []).append(pool)

    def of(self, selector: Mapping[str, str]) -> list[PoolDraft]:
        """Those that have all of these labels, in their order."""
        fewest = min((self._labelled.get(label, []) for label in selector.items()), key=len, default=[])
        return [pool for pool in fewest if selector.items() <= pool.labels.items()]
