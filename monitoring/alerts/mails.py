"""What mails say. Text and HTML are made of one structure; templates stand in templates/emails/<name>/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string

from accounts.models import Organization
from monitoring.alerts import digests, links
from monitoring.alerts.models import Delivery, Digest, Event
from monitoring.alerts.unsubscribing import MailKind, token_of
from monitoring.catalogue.models import Document
from monitoring.changes.models import Change, ReleaseState
from monitoring.findings.models import Finding, FindingRevision

ALERT_LINES = 8
LINES_BESIDE_WORDS = 4
DIGEST_LINES = 3
_QUOTING = ("new: ", "gone: ")


@dataclass(frozen=True, slots=True)
class Mail:
    """A rendered message without its address."""

    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Excerpted:
    """The first lines of a list, and how many more there are."""

    lines: list[str]
    more: int


@dataclass(frozen=True, slots=True)
class ChangeNotice:
    """A change as mails tell it. `words` are the analyst's, a paragraph an item; empty where the deadline released it."""

    headline: str
    platform: str
    document: str
    for_whom: str
    significance: str
    reasons: list[str]
    words: list[str]
    summary: Excerpted
    automatic: bool  # released at its deadline: no analyst has read it
    change: Change
    url: str


@dataclass(frozen=True, slots=True)
class FindingNotice:
    """A finding as mails tell it, with the excerpt that it rests on."""

    headline: str
    platform: str
    document: str
    description: str
    why_person: str
    why_organization: str
    excerpt: str
    version_of: str
    finding: Finding
    url: str


def mail_of(delivery: Delivery) -> Mail:
    """The message of a delivery: of a change, of a finding, or of a digest."""
    if delivery.digest is not None:
        return _render("digest", MailKind.DIGEST, delivery, digest_context(delivery.digest))
    assert delivery.event is not None, "the constraint delivery_has_one_cause"  # noqa: S101
    if delivery.event.change is not None:
        notice = change_notice(delivery.event.change, delivery.organization)
        return _render("alert", MailKind.SAME_DAY, delivery, {"notice": notice})
    if delivery.event.request is not None:
        return _render("platform", MailKind.SAME_DAY, delivery, platform_notice(delivery.event, delivery.organization))
    assert delivery.event.finding is not None, "the constraint event_has_its_cause"  # noqa: S101
    return _render(
        "finding",
        MailKind.SAME_DAY,
        delivery,
        {"notice": finding_notice(delivery.event.finding, delivery.organization)},
    )


def change_notice(change: Change, organization: Organization, *, lines: int = ALERT_LINES) -> ChangeNotice:
    """The change with at most so many lines of its automatic summary: fewer where an analyst has put it into words."""
    release, document = change.release, change.document
    if release.words:
        lines = min(lines, LINES_BESIDE_WORDS)
    fact = f": {_fact(change.headline)}" if change.headline else ""
    return ChangeNotice(
        headline=f"{document.platform} changed its {document.title}{fact}",
        platform=document.platform.name,
        document=document.title,
        for_whom=_for_whom(document),
        significance=change.get_significance_display(),
        reasons=[reason["words"] for reason in change.reasons][:ALERT_LINES],
        words=[line.strip() for line in release.words.splitlines() if line.strip()],
        summary=Excerpted(change.summary[:lines], max(0, len(change.summary) - lines)),
        automatic=release.state == ReleaseState.AUTOMATIC,
        change=change,
        url=links.change_url(change, organization),
    )


def finding_notice(finding: Finding, organization: Organization) -> FindingNotice:
    document, revision = finding.provision.document, _published(finding)
    excerpt = revision.excerpts.select_related("version").first()
    return FindingNotice(
        headline=revision.headline,
        platform=document.platform.name,
        document=document.title,
        description=revision.description,
        why_person=revision.why_person,
        why_organization=revision.why_organization,
        excerpt=excerpt.exact if excerpt else "",
        version_of=_day(excerpt.version.observed_at) if excerpt else "",
        finding=finding,
        url=links.provision_url(finding.provision, organization),
    )


def platform_notice(event: Event, organization: Organization) -> dict[str, Any]:
    """Of a platform that was asked for: under which name, and where it is."""
    assert event.request is not None, "the constraint event_has_its_cause"  # noqa: S101
    return {
        "platform": event.platform.name,
        "asked_for": event.request.name,
        "url": links.platform_url(event.platform, organization),
    }


def digest_context(digest: Digest) -> dict[str, Any]:
    """What a digest says: changes by significance, then findings. Also what the inbox shows of it."""
    contents = digests.contents_of(digest)
    zone = digests.zone_of(digest.membership.user.time_zone)
    substantive = [change_notice(each, digest.organization, lines=DIGEST_LINES) for each in contents.substantive]
    minor = [change_notice(each, digest.organization, lines=DIGEST_LINES) for each in contents.minor]
    findings = [finding_notice(finding, digest.organization) for finding in contents.findings]
    headlines = [notice.headline for notice in (*substantive, *minor)]
    headlines += [f"{notice.platform}: {notice.headline}" for notice in findings]
    return {
        "url": links.digest_url(digest, digest.organization),
        "period": _period(digest.period_start.astimezone(zone), digest.period_end.astimezone(zone)),
        "substantive": substantive,
        "minor": minor,
        "findings": findings,
        "headlines": [headline.rstrip(".") for headline in headlines],  # a subject goes on after them
        "more": len(headlines) - 1,
        "platform_names": _listed([platform.name for platform in contents.platforms]),
        "calm_line": "We keep reading, and will tell you when something does.",
    }


def _render(name: str, kind: MailKind, delivery: Delivery, facts: dict[str, Any]) -> Mail:
    unsubscribe = links.unsubscribe_url(token_of(delivery.membership, kind))
    context = {
        **facts,
        "organization": delivery.organization,
        "settings_url": links.settings_url(delivery.organization),
        "unsubscribe_url": unsubscribe,
        "kind": kind.label,
    }
    subject = " ".join(render_to_string(f"emails/{name}/subject.txt", context).split())
    context["subject"] = subject
    return Mail(
        subject=subject,
        text=render_to_string(f"emails/{name}/body.txt", context).strip() + "\n",
        html=render_to_string(f"emails/{name}/body.html", context),
        headers={
            "List-Unsubscribe": f"<{unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )


def _fact(headline: str) -> str:
    """`retention 30 days → 90 days` for `retention: 30 days → 90 days`: one colon is enough for a sentence."""
    return headline.replace(": ", " ", 1) if " → " in headline or headline.startswith(_QUOTING) else headline


def _day(moment: datetime) -> str:
    return f"{moment:%-d %B %Y}"


def _period(start: datetime, end: datetime) -> str:
    """`23 to 30 November 2026`: month and year are said once where they are the same."""
    if start.year != end.year:
        return f"{_day(start)} to {_day(end)}"
    first = f"{start:%-d}" if start.month == end.month else f"{start:%-d %B}"
    return f"{first} to {_day(end)}"


def _listed(names: list[str]) -> str:
    """`Lumen, Wrenfold and 3 more`: the first five by name."""
    shown, hidden = names[:5], len(names) - 5
    last = f"{hidden} more" if hidden > 0 else shown.pop() if len(shown) > 1 else ""
    return ", ".join(shown) + (f" and {last}" if last else "")


def _for_whom(document: Document) -> str:
    """`consumers, European Union`; empty where the catalogue doesn't know."""
    return ", ".join(part for part in (document.get_audience_display(), document.region) if part)


def _published(finding: Finding) -> FindingRevision:
    assert finding.published is not None, "the constraint finding_published_has_revision"  # noqa: S101
    return finding.published
