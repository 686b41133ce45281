"""Rows for tests, made as the pipeline would leave them. Each function has a sensible answer to everything left out.

Outside of a scope a factory writes with the worker's rights, in a transaction of its own; inside of one, with that one's.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.text import slugify

from accounts import keys, tenancy
from accounts.models import ApiKey, Entitlement, Invitation, KeyScope, Membership, Organization, Role, User
from atlas.kernel import clock
from monitoring.alerts import events
from monitoring.archive.models import Cause, DocumentHead, Payload, Snapshot, Version, VersionSnapshot
from monitoring.catalogue.models import Declaration, Document, Platform, Source, Topic, Type
from monitoring.changes.models import UNDECIDED, Change, Release, ReleaseState, Significance
from monitoring.diffing import compare
from monitoring.extraction import ExtractedText, from_markdown
from monitoring.findings.models import Excerpt, Finding, FindingRevision, FindingState, Provision, Severity
from monitoring.watching.models import WatchlistItem

PROVENANCE = {"provenance_source": "https://policies.example/", "provenance_on": date(2026, 1, 1)}
PASSWORD = "a long enough secret"
WORDS = "We keep your conversations for 30 days.\n\nWe do not sell them."

_numbers = itertools.count(1)


@contextmanager
def _rights() -> Iterator[None]:
    if tenancy.current_scope():
        yield
    else:
        with tenancy.system_scope("rows for a test"):
            yield


# --- People ---------------------------------------------------------------------------------------------------------


def user(email: str = "", **fields: Any) -> User:
    """A user who signs in with PASSWORD, whose address is verified."""
    from allauth.account.models import EmailAddress

    with _rights():
        made = User.objects.create_user(email or f"person{next(_numbers)}@example.org", PASSWORD, **fields)
        EmailAddress.objects.create(user=made, email=made.email, verified=True, primary=True)
        return made


def organization(
    name: str = "Example Ltd", *, plan: str = "free", until: datetime | None = None, personal: bool = False
) -> Organization:
    """An organization with its entitlement."""
    with _rights():
        made = Organization.objects.create(name=name, personal=personal)
        source = Entitlement.Source.FREE if plan == "free" else Entitlement.Source.GRANT
        Entitlement.objects.create(organization=made, plan_slug=plan, until=until, source=source)
        return made


def member(
    email: str = "",
    *,
    plan: str = "free",
    until: datetime | None = None,
    role: str = Role.OWNER,
    of: Organization | None = None,
    time_zone: str = "UTC",
    created_at: datetime | None = None,
) -> Membership:
    """A user's membership: of a new organization on this plan, or of the one that is given."""
    with _rights():
        person = user(email, time_zone=time_zone)
        return Membership.objects.create(
            organization=of or organization(f"{person.email}'s", plan=plan, until=until),
            user=person,
            role=role,
            created_at=created_at or clock.now(),
        )


def invitation(by: Membership, email: str = "", role: str = Role.MEMBER) -> tuple[Invitation, str]:
    """An open invitation and its token, as the mail has it; no mail is written."""
    token = f"token-{next(_numbers)}"
    with _rights():
        made = Invitation.objects.create(
            organization=by.organization,
            email=email or f"invited{next(_numbers)}@example.org",
            role=role,
            token_hash=hashlib.sha256(token.encode()).hexdigest(),
            invited_by=by.user,
            expires_at=clock.now() + timedelta(days=7),
        )
        return made, token


def key(by: Membership, *, scope: str = KeyScope.WRITE, expires_at: datetime | None = None) -> keys.Made:
    """A key of this member's organization, whatever its plan, with its secret."""
    secret = f"{keys.MARK}{next(_numbers):06d}secret"
    with _rights():
        made = ApiKey.objects.create(
            organization=by.organization,
            name="A key",
            scope=scope,
            beginning=secret[: keys.SHOWN],
            secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
            made_by=by.user,
            expires_at=expires_at,
        )
        return keys.Made(made, secret)


def watch(by: Membership | Organization, followed: Platform, **fields: Any) -> WatchlistItem:
    """This organization, or this member's, follows the platform."""
    owner = by if isinstance(by, Organization) else by.organization
    with _rights():
        return WatchlistItem.objects.create(organization=owner, platform=followed, **fields)


# --- Catalogue ------------------------------------------------------------------------------------------------------


def platform(name: str = "", **fields: Any) -> Platform:
    name = name or f"Platform {next(_numbers)}"
    values = {"slug": slugify(name), "sort_key": name.lower(), "enabled": True, **PROVENANCE, **fields}
    with _rights():
        return Platform.objects.create(name=name, **values)


def document(of: Platform | None = None, title: str = "Terms of Service", **fields: Any) -> Document:
    """An adopted document with its first declaration of one source."""
    slug = slugify(title)
    with _rights():
        home = of or platform()
        values = {"slug": slug, "kind": "terms-of-service", "adopted_at": clock.now(), **PROVENANCE, **fields}
        made = Document.objects.create(platform=home, title=title, **values)
        declaration(made, url=f"https://{home.slug}.example/{slug}")
        return made


def declaration(
    of: Document,
    *,
    url: str = "https://policies.example/terms",
    reason: str = "first",
    select: Sequence[str] = (),
    reading: str = "static",
) -> Declaration:
    """The document's next declaration: one page."""
    with _rights():
        number = of.declarations.count() + 1
        made = Declaration.objects.create(organization=of.organization, document=of, number=number, reason=reason)
        Source.objects.create(
            organization=of.organization, declaration=made, position=0, url=url, select=list(select), reading=reading
        )
        return made


# --- Archive --------------------------------------------------------------------------------------------------------


def payload(content: bytes) -> Payload:
    digest = hashlib.sha256(content).hexdigest()
    with _rights():
        made, _ = Payload.objects.get_or_create(
            sha256=digest, defaults={"encoding": Payload.Encoding.IDENTITY, "size": len(content), "data": content}
        )
        return made


def snapshot(of: Document, content: bytes, *, observed_at: datetime | None = None) -> Snapshot:
    """What the only source of the document's declaration in force gave."""
    with _rights():
        newest = Declaration.objects.in_force(of)
        assert newest is not None
        source = newest.sources.get()
        return Snapshot.objects.create(
            organization=of.organization,
            document=of,
            source=source,
            payload=payload(content),
            url=source.url,
            final_url=source.url,
            status=200,
            headers={"content-type": "text/markdown"},
            media_type="text/markdown",
            observed_at=observed_at or clock.now(),
        )


def version(
    of: Document | None = None,
    text: str = WORDS,
    *,
    cause: str | None = None,
    observed_at: datetime | None = None,
    **fields: Any,
) -> Version:
    """The document's newest version (Markdown), with its snapshot. The first one is released at once."""
    moment = observed_at or clock.now()
    with _rights():
        home = of or document()
        before = Version.objects.latest_of(home)
        extracted = from_markdown(text, language=home.language)
        taken = snapshot(home, text.encode(), observed_at=moment)
        values = {
            "text_sha256": extracted.sha256,
            "form": extracted.form,
            "extractor": extracted.extractor,
            "language": extracted.language or "",
            "title": home.title,
            "words": extracted.words,
            **fields,
        }
        made = Version.objects.create(
            organization=home.organization,
            document=home,
            declaration=taken.source.declaration,
            extracted=payload(extracted.dumps().encode()),
            cause=cause or (Cause.PLATFORM if before else Cause.FIRST),
            observed_at=moment,
            **values,
        )
        VersionSnapshot.objects.create(organization=home.organization, version=made, snapshot=taken, position=0)
        head = {"latest": made, "last_read_at": moment}
        head |= {"last_changed_at": moment} if before else {"released": made}
        DocumentHead.objects.update_or_create(
            document=home, defaults=head, create_defaults={"organization": home.organization, **head}
        )
        return made


def text_of(read: Version) -> ExtractedText:
    """The text of a version, with its blocks."""
    assert read.extracted.data is not None
    return ExtractedText.loads(bytes(read.extracted.data).decode())


# --- Changes --------------------------------------------------------------------------------------------------------


def change(
    of: Document | None = None,
    *,
    old: Version | None = None,
    new: Version | None = None,
    significance: str = Significance.SUBSTANTIVE,
    headline: str = "",
    summary: list[str] | None = None,
    cause: str = Cause.PLATFORM,
    observed_at: datetime | None = None,
    **fields: Any,
) -> Change:
    """The change from the document's latest version to a new one, undecided: no release yet."""
    with _rights():
        home = of or (new.document if new else document())
        moment = new.observed_at if new else observed_at or clock.now()
        before = old or Version.objects.of(home).filter(observed_at__lt=moment).first()
        before = before or version(home, observed_at=moment - timedelta(days=1))
        after = new or version(
            home,
            f"We keep your conversations for {30 + next(_numbers)} days.\n\nWe do not sell them.",
            cause=cause,
            observed_at=moment,
        )
        compared = compare(text_of(before), text_of(after))
        values = {
            "comparison": payload(compared.dumps().encode()),
            "differ": compared.differ,
            "words_added": compared.words_added,
            "words_removed": compared.words_removed,
            "coarse": compared.coarse,
            **fields,
        }
        return Change.objects.create(
            organization=home.organization,
            document=home,
            old=before,
            new=after,
            significance=significance,
            reasons=[{"rule": "duration", "words": "30 days → 90 days"}],
            headline=headline or "retention: 30 days → 90 days",
            summary=summary if summary is not None else ["Conversations are kept for 90 days instead of 30."],
            observed_at=moment,
            **values,
        )


def release(
    of: Change | None = None,
    *,
    state: str = ReleaseState.APPROVED,
    words: str = "",
    decided_at: datetime | None = None,
    deadline: datetime | None = None,
    **fields: Any,
) -> Release:
    """The decision about a change. A decided one makes its new version the document's released one."""
    with _rights():
        about = of or change()
        decided = None if state in UNDECIDED else decided_at or clock.now()
        made = Release.objects.create(
            organization=about.organization,
            change=about,
            state=state,
            words=words,
            deadline=deadline or about.observed_at + timedelta(hours=4),
            decided_at=decided,
            **fields,
        )
        if decided:
            DocumentHead.objects.filter(document=about.document).update(released=about.new)
        return made


def released_change(
    of: Document | None = None,
    *,
    state: str = ReleaseState.APPROVED,
    words: str = "",
    decided_at: datetime | None = None,
    **fields: Any,
) -> Change:
    """A change that is decided and public, with the event that tells of it."""
    with _rights():
        made = change(of, **fields)
        decided = release(made, state=state, words=words, decided_at=decided_at)
        assert decided.decided_at is not None
        events.announce_change(change=made, moment=decided.decided_at)
        return made


# --- Findings -------------------------------------------------------------------------------------------------------


def provision_type(slug: str = "retention", *, topic: str = "data") -> Type:
    with _rights():
        above, _ = Topic.objects.get_or_create(
            slug=topic, defaults={"name": topic.capitalize(), "definition": f"What is said on {topic}."}
        )
        made, _ = Type.objects.get_or_create(
            slug=slug,
            defaults={"topic": above, "name": slug.capitalize(), "definition": f"What is said on {slug}."},
        )
        return made


def provision(of: Document | None = None, type: str = "retention") -> Provision:
    with _rights():
        made, _ = Provision.objects.get_or_create(document=of or document(), type=provision_type(type))
        return made


def finding(
    of: Provision | None = None,
    *,
    state: str = FindingState.PUBLISHED,
    headline: str = "Your conversations are kept for 30 days",
    excerpt: str = "We keep your conversations for 30 days.",
    moment: datetime | None = None,
    author: User | None = None,
    reviewer: User | None = None,
) -> Finding:
    """A finding with one revision, whose excerpt stands in the document's latest version; published by a second person."""
    moment = moment or clock.now()
    published = state == FindingState.PUBLISHED
    with _rights():
        about = of or provision()
        read = Version.objects.latest_of(about.document) or version(about.document, observed_at=moment)
        made = Finding.objects.create(provision=about, created_at=moment)
        revision = FindingRevision.objects.create(
            finding=made,
            number=1,
            headline=headline,
            description="The document names a period for which conversations are kept.",
            why_person="Within that period somebody else may read them.",
            why_organization="The period must stand in your record of processing.",
            severity_person=Severity.MEDIUM,
            severity_organization=Severity.LOW,
            author=author or user(staff_role="analyst", is_staff=True),
            reviewer=(reviewer or user(staff_role="analyst", is_staff=True)) if published else reviewer,
        )
        text = text_of(read).text
        start = text.index(excerpt)
        Excerpt.objects.create(
            revision=revision,
            version=read,
            exact=excerpt,
            prefix=text[max(0, start - 32) : start],
            suffix=text[start + len(excerpt) : start + len(excerpt) + 32],
            start=start,
            end=start + len(excerpt),
        )
        if published:
            FindingRevision.objects.filter(pk=revision.pk).update(published_at=moment)
            Finding.objects.filter(pk=made.pk).update(state=state, published=revision, published_at=moment)
        elif state == FindingState.RETRACTED:
            Finding.objects.filter(pk=made.pk).update(
                state=state, retracted_at=moment, retracted_because="It was wrong."
            )
        else:
            submitted = moment if state == FindingState.IN_REVIEW else None
            FindingRevision.objects.filter(pk=revision.pk).update(submitted_at=submitted)
            Finding.objects.filter(pk=made.pk).update(state=state)
        made.refresh_from_db()
        events.announce_finding(finding=made, moment=moment)
        return made
