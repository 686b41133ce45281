"""What lists can be narrowed by."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django_filters.fields import IsoDateTimeField

from monitoring.catalogue.models import Document
from monitoring.changes.models import Change, Significance


class MomentField(IsoDateTimeField):  # type: ignore[misc]
    """A moment that exists in UTC, too: the last hours of the year 9999 don't everywhere."""

    def to_python(self, value: Any) -> datetime | None:
        moment: datetime | None = super().to_python(value)
        try:
            return moment.astimezone(UTC) if moment else None
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


class MomentFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]
    field_class = MomentField


class DocumentFilter(django_filters.FilterSet):  # type: ignore[misc]
    platform = django_filters.CharFilter("platform__slug", label="slug of the platform")
    kind = django_filters.CharFilter("kind", label="kind, as `privacy-policy`")

    class Meta:
        model = Document
        fields: list[str] = []


class ChangeFilter(django_filters.FilterSet):  # type: ignore[misc]
    platform = django_filters.CharFilter("document__platform__slug", label="slug of the platform")
    significance = django_filters.ChoiceFilter(choices=Significance.choices)
    observed_from = MomentFilter("observed_at", lookup_expr="gte", label="observed at or after")
    observed_before = MomentFilter("observed_at", lookup_expr="lt", label="observed before")

    class Meta:
        model = Change
        fields: list[str] = []
