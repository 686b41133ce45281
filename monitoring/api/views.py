"""What is released, read only and the same for everybody. No session is asked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView, RetrieveAPIView, get_object_or_404

from monitoring.api.filters import ChangeFilter, DocumentFilter
from monitoring.api.pagination import BySortKey, ByTitle, NewestFirst
from monitoring.api.serializers import (
    ChangeSerializer,
    DocumentSerializer,
    PlatformSerializer,
    VersionSerializer,
    VersionTextSerializer,
)
from monitoring.archive.models import Version
from monitoring.catalogue.models import Document, DocumentQuerySet, Platform
from monitoring.changes.models import Change


def by_id(prefix: str, of: str) -> Any:
    """The schema's word on an id in the address."""
    return extend_schema(parameters=[OpenApiParameter("public_id", str, "path", description=f"{of}, as `{prefix}_…`")])


class PlatformList(ListAPIView[Platform]):
    """All AI platforms of the catalogue, by name."""

    queryset = Platform.objects.listed()
    serializer_class = PlatformSerializer
    pagination_class = BySortKey


class PlatformDetail(RetrieveAPIView[Platform]):
    """One platform, by its slug; also one that is no longer read."""

    queryset = Platform.objects.all()
    serializer_class = PlatformSerializer
    lookup_field = "slug"


def documents() -> DocumentQuerySet:
    return Document.objects.public().select_related("platform", "head__released")


class DocumentList(ListAPIView[Document]):
    """All public documents, by title."""

    queryset = documents().listed()
    serializer_class = DocumentSerializer
    pagination_class = ByTitle
    filterset_class = DocumentFilter


@by_id("doc", "the document")
class DocumentDetail(RetrieveAPIView[Document]):
    """One document; also one that is no longer read."""

    queryset = documents()
    serializer_class = DocumentSerializer
    lookup_field = "public_id"


@by_id("doc", "the document")
class DocumentVersions(ListAPIView[Version]):
    """A document's released versions, the newest first."""

    serializer_class = VersionSerializer
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[Version]:
        released = Version.objects.released().select_related("document")
        if getattr(self, "swagger_fake_view", False):  # the schema is made without an address
            return released.none()
        public_id: UUID = self.kwargs["public_id"]
        return released.filter(document=get_object_or_404(documents(), public_id=public_id))


@by_id("ver", "the version")
class VersionDetail(RetrieveAPIView[Version]):
    """One released version with its text."""

    queryset = Version.objects.released().select_related("document", "extracted")
    serializer_class = VersionTextSerializer
    lookup_field = "public_id"


def changes() -> QuerySet[Change]:
    return Change.objects.worth_showing().select_related("document__platform", "old", "new", "release")


class ChangeList(ListAPIView[Change]):
    """Released changes by the platforms that are more than form, the newest first."""

    queryset = changes()
    serializer_class = ChangeSerializer
    pagination_class = NewestFirst
    filterset_class = ChangeFilter


@by_id("chg", "the change")
class ChangeDetail(RetrieveAPIView[Change]):
    """One released change."""

    queryset = changes()
    serializer_class = ChangeSerializer
    lookup_field = "public_id"
