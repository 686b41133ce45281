"""What fails, counted by the way in which it does."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from monitoring.archive.models import OUTCOME_CHOICES, Incident

WORDS = dict(OUTCOME_CHOICES)


@dataclass(frozen=True, slots=True)
class Failing:
    """`count` documents that are read fail with this outcome now."""

    outcome: str
    words: str
    count: int


def failing_by_outcome() -> list[Failing]:
    """Of the public documents that are read, the most frequent outcome first. One query."""
    counted = (
        Incident.objects.filter(closed_at=None, organization=None, document__schedule__isnull=False)
        .values_list("outcome")
        .annotate(count=Count("document", distinct=True))
        .order_by("-count", "outcome")
    )
    return [Failing(outcome, WORDS[outcome], count) for outcome, count in counted]
