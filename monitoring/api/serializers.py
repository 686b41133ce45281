"""What the API says of each thing. Ids are TypeIDs; times are UTC (RFC 3339)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from monitoring.archive.models import Upload, Version
from monitoring.archive.texts import text_of
from monitoring.catalogue.models import Document, Platform
from monitoring.changes.models import Change


def page(name: str, *args: str) -> str:
    """The address of the page that shows the same to people."""
    return f"{settings.BASE_URL}{reverse(f'pages:{name}', args=args)}"


class PlatformSerializer(serializers.ModelSerializer[Platform]):
    """An AI service. `reading`: its documents are read every day."""

    id = serializers.CharField(source="typeid")
    reading = serializers.BooleanField(source="enabled")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Platform
        fields = ["id", "slug", "name", "aliases", "company", "jurisdiction", "category", "languages", "reading", "url"]

    def get_url(self, platform: Platform) -> str:
        return page("platform", platform.slug)


class DocumentSerializer(serializers.ModelSerializer[Document]):
    """One text for one audience, region and language. `latest_version` is null while it was not read yet."""

    id = serializers.CharField(source="typeid")
    platform = serializers.CharField(source="platform.slug")
    latest_version = serializers.SerializerMethodField()
    last_read_at = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = Document
        fields = [
            "id",
            "platform",
            "slug",
            "kind",
            "title",
            "audience",
            "region",
            "language",
            "latest_version",
            "last_read_at",
            "url",
        ]

    def get_latest_version(self, document: Document) -> str | None:
        head = getattr(document, "head", None)
        return head.released.typeid if head and head.released else None

    def get_last_read_at(self, document: Document) -> str | None:
        head = getattr(document, "head", None)
        return head.last_read_at.isoformat() if head and head.released else None

    def get_url(self, document: Document) -> str:
        return page("document", document.platform.slug, document.slug)


class VersionSerializer(serializers.ModelSerializer[Version]):
    """The canonical text of a document as it was observed. `published_on` and `effective_on` are the document's own words.
    `uploaded`: it wasn't fetched by our reader, but made of a capture that a person took and our staff uploaded."""

    id = serializers.CharField(source="typeid")
    document = serializers.CharField(source="document.typeid")
    uploaded = serializers.BooleanField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = Version
        fields = [
            "id",
            "document",
            "cause",
            "uploaded",
            "observed_at",
            "recorded_at",
            "published_on",
            "effective_on",
            "language",
            "title",
            "words",
            "text_sha256",
            "form",
            "extractor",
            "url",
        ]

    def get_url(self, version: Version) -> str:
        return page("version", version.typeid)


class BlockSerializer(serializers.Serializer[Any]):
    """One heading, paragraph, item, row or date; `start` and `end` count Unicode code points of `text`."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    heading_path = serializers.ListField(child=serializers.CharField())
    start = serializers.IntegerField()
    end = serializers.IntegerField()


class StatementSerializer(serializers.ModelSerializer[Upload]):
    """Who took an uploaded capture, how and when."""

    class Meta:
        model = Upload
        fields = ["who", "how", "observed_at", "recorded_at"]


class VersionTextSerializer(VersionSerializer):
    """A version with its text and the spans of its blocks; `upload` is the statement about a capture that was uploaded."""

    upload = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    blocks = serializers.SerializerMethodField()

    class Meta(VersionSerializer.Meta):
        fields = [*VersionSerializer.Meta.fields, "upload", "text", "blocks"]

    def to_representation(self, instance: Version) -> dict[str, Any]:
        self.extracted = text_of(instance)
        return super().to_representation(instance)

    @extend_schema_field(StatementSerializer(allow_null=True))
    def get_upload(self, version: Version) -> dict[str, Any] | None:
        stated = Upload.objects.filter(snapshots__versions=version).first() if version.uploaded else None
        return dict(StatementSerializer(stated).data) if stated else None

    def get_text(self, version: Version) -> str:
        return self.extracted.text

    def get_blocks(self, version: Version) -> list[dict[str, Any]]:
        return list(BlockSerializer(self.extracted.blocks, many=True).data)


class ReasonSerializer(serializers.Serializer[Any]):
    rule = serializers.CharField()
    words = serializers.CharField()


class ChangeSerializer(serializers.ModelSerializer[Change]):
    """What differs between two consecutive versions. `summary` is the analyst's words where `summary_by` is `analyst`."""

    id = serializers.CharField(source="typeid")
    platform = serializers.CharField(source="document.platform.slug")
    document = serializers.CharField(source="document.typeid")
    old_version = serializers.CharField(source="old.typeid")
    new_version = serializers.CharField(source="new.typeid")
    reasons = ReasonSerializer(many=True)
    summary = serializers.SerializerMethodField()
    summary_by = serializers.SerializerMethodField()
    released_at = serializers.DateTimeField(source="release.decided_at")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Change
        fields = [
            "id",
            "platform",
            "document",
            "old_version",
            "new_version",
            "significance",
            "reasons",
            "headline",
            "summary",
            "summary_by",
            "words_added",
            "words_removed",
            "observed_at",
            "released_at",
            "url",
        ]

    def get_summary(self, change: Change) -> list[str]:
        return change.release.words.splitlines() if change.release.words else list(change.summary)

    def get_summary_by(self, change: Change) -> str:
        return "analyst" if change.release.words else "automatic"

    def get_url(self, change: Change) -> str:
        return page("change", change.typeid)
