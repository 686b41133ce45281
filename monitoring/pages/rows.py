"""Changes, documents and findings as lists show them: the words and the addresses of one row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.text import slugify

from monitoring.archive.models import Version
from monitoring.catalogue.models import Document, Platform
from monitoring.changes.models import Change
from monitoring.findings.models import Excerpt, Finding, Provision


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change; its document and platform were selected along."""

    line: str
    href: str
    significance: str
    words_added: int
    words_removed: int
    observed_at: datetime
    document: str
    document_url: str
    platform: str
    platform_url: str


@dataclass(frozen=True, slots=True)
class Quotation:
    """An excerpt with what its evidence line says."""

    quote: str
    document: str
    document_url: str
    at: datetime
    sha256: str
    version_url: str
    context_url: str


def platform_url(platform: Platform) -> str:
    return reverse("pages:platform", args=[platform.slug])


def document_url(document: Document) -> str:
    return reverse("pages:document", args=[document.platform.slug, document.slug])


def version_url(version: Version) -> str:
    return reverse("pages:version", args=[version.typeid])


def change_url(change: Change) -> str:
    return reverse("pages:change", args=[change.typeid])


def provision_words(provision: Provision) -> str:
    """The words at the end of a provision's address, for people."""
    return slugify(f"{provision.document.platform.slug} {provision.type.slug}")


def provision_url(provision: Provision) -> str:
    return reverse("pages:provision", args=[provision.typeid, provision_words(provision)])


def change_line(change: Change) -> str:
    """One line of what changed: the headline, else the automatic summary's first sentence, else why it weighs so little,
    else how much."""
    if change.headline:
        line = change.headline
    elif change.summary:
        line = str(change.summary[0]).removesuffix(".")  # a title, no sentence
    elif change.reasons and not change.words_added and not change.words_removed:
        line = str(change.reasons[0]["words"])
    else:
        line = f"{change.words_added} words added, {change.words_removed} removed"
    return line[:1].upper() + line[1:]


def change_row(change: Change) -> ChangeRow:
    return ChangeRow(
        line=change_line(change),
        href=change_url(change),
        significance=change.significance,
        words_added=change.words_added,
        words_removed=change.words_removed,
        observed_at=change.observed_at,
        document=change.document.title,
        document_url=document_url(change.document),
        platform=change.document.platform.name,
        platform_url=platform_url(change.document.platform),
    )


def quotation(excerpt: Excerpt, document: Document) -> Quotation:
    """`document` is the excerpt's own, with its platform selected along."""
    at = version_url(excerpt.version)
    return Quotation(
        quote=excerpt.exact,
        document=f"{document.platform.name}, {document.title}",
        document_url=document_url(document),
        at=excerpt.version.observed_at,
        sha256=excerpt.version.text_sha256,
        version_url=at,
        context_url=f"{at}?mark={excerpt.typeid}#quotation",
    )


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A published finding in a list."""

    href: str
    headline: str
    type: str
    document: str
    severity: str


def finding_row(finding: Finding) -> FindingRow:
    """Its revision, and its provision with type, document and platform, were selected along."""
    revision = finding.published
    assert revision is not None, "only published findings are listed"  # noqa: S101
    return FindingRow(
        href=provision_url(finding.provision),
        headline=revision.headline,
        type=finding.provision.type.name,
        document=finding.provision.document.title,
        severity=worse(revision.severity_person, revision.severity_organization),
    )


def worse(*severities: str) -> str:
    """The gravest of these: high before medium before low."""
    return min(severities, key=["high", "medium", "low"].index)
