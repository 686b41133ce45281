"""What other apps add to the life of an organization: each step is registered by name from an `AppConfig.ready`.

A lower app calls the steps without knowing who stands behind them; a test lists their names.
"""

from __future__ import annotations

from collections.abc import Callable

from accounts.models import Organization

PlanStep = Callable[[Organization], None]

_after_plan_change: dict[str, PlanStep] = {}


def after_plan_change(name: str, step: PlanStep) -> None:
    """Let `step` run in the transaction that gives an organization another plan, with its entitlement locked."""
    if _after_plan_change.setdefault(name, step) is not step:
        raise ValueError(f"a step named {name} is registered already")


def plan_changed(organization: Organization) -> None:
    """Run the registered steps, in the caller's scope and transaction."""
    for step in _after_plan_change.values():
        step(organization)


def names() -> list[str]:
    """The names of all steps, as `<when>.<step>`."""
    return [f"after_plan_change.{name}" for name in _after_plan_change]
