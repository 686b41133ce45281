"""What lists can be narrowed by."""

from __future__ import annotations

import django_filters

from monitoring.catalogue.models import Document
from monitoring.changes.models import Change, Significance


class DocumentFilter(django_filters.FilterSet):  # type: ignore[misc]
    platform = django_filters.CharFilter("platform__slug", label="slug of the platform")
    kind = django_filters.CharFilter("kind", label="kind, as `privacy-policy`")

    class Meta:
        model = Document
        fields: list[str] = []


class ChangeFilter(django_filters.FilterSet):  # type: ignore[misc]
    platform = django_filters.CharFilter("document__platform__slug", label="slug of the platform")
    significance = django_filters.ChoiceFilter(choices=Significance.choices)
    observed_from = django_filters.IsoDateTimeFilter("observed_at", lookup_expr="gte", label="observed at or after")
    observed_before = django_filters.IsoDateTimeFilter("observed_at", lookup_expr="lt", label="observed before")

    class Meta:
        model = Change
        fields: list[str] = []
