"""A figure of the benchmarks, beside its limit."""

from __future__ import annotations

from attrs import frozen


@frozen
class Figure:
    """What was measured, its limit in the same run (both in seconds), and how far it may go."""

    name: str
    measured: float
    limit: float
    target: float
    control: bool = False

    @property
    def ratio(self) -> float:
        """How many times its limit it is."""
        return self.measured / self.limit

    @property
    def ok(self) -> bool:
        """Whether the target holds; a control has to miss it."""
        return (self.ratio > self.target) if self.control else (self.ratio <= self.target)

    def __str__(self) -> str:
        sign = ">" if self.control else "≤"
        return (
            f"{self.name:<58} {1000 * self.measured:9.1f} ms {1000 * self.limit:9.1f} ms "
            f"{self.ratio:7.2f}  {sign} {self.target:<5g} {'ok' if self.ok else 'NOT OK'}"
        )
