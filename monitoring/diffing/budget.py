"""A budget of steps: the same input costs the same on every machine, so that it gives the same output."""

from __future__ import annotations


class BudgetSpent(Exception):
    """The comparison needs more steps than it may take."""


class Budget:
    """One step is about 64 cells of a comparison table, or one look at a pair."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Raises BudgetSpent, and takes nothing, where the steps don't suffice."""
        if steps > self.left:
            raise BudgetSpent
        self.left -= steps

    def table(self, rows: int, columns: int) -> None:
        """Pay for comparing two sequences of these lengths."""
        self.spend(1 + (rows * columns) // 64 + (rows + columns) // 8)
