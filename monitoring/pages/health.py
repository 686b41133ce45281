"""How well a document can be read now, in words that hide nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from monitoring.archive.models import DocumentHead, Incident, Sighting
from monitoring.catalogue.models import Document
from monitoring.fetching.outcomes import Outcome, Reason
from monitoring.templatetags.pages import ago

WORDS = {
    Outcome.SUSPICIOUS: "only part of its text, or another page, is served since {since}",
    Outcome.BLOCKED: "its site turns our reader away since {since}",
    Outcome.MISSING: "not found at its address since {since}",
    Outcome.UNREACHABLE: "not reachable since {since}",
    Outcome.UNREADABLE: "not readable since {since}",
    Outcome.DISALLOWED: "its site asks readers like ours to stay away, since {since}",
    Outcome.NEEDS_BROWSER: "its page shows no text without a browser, since {since}",
}
STANDS = ": the last good version stands"
NOTHING = ": nothing has been read yet"


@dataclass(frozen=True, slots=True)
class Health:
    """`state` is good, failing, unread or retired."""

    state: str
    words: str


def health(head: DocumentHead | None, incidents: Iterable[Incident], confirmed_at: datetime | None = None) -> Health:
    """Of a document with this head (None: no version) and these open incidents, the oldest of which counts.

    `confirmed_at`: when the public version was last seen to stand. A later reading that found other words confirms nothing,
    and isn't told before its release.
    """
    failures = (incident for incident in incidents if incident.reason != Reason.NOT_ADOPTED)  # that is ours to mend
    oldest = min(failures, key=lambda incident: incident.opened_at, default=None)
    if oldest is not None:
        words = WORDS[Outcome(oldest.outcome)].format(since=_day(oldest.opened_at))
        return Health("failing", words + (STANDS if head else NOTHING))
    if head is None or head.released is None:
        return Health("unread", "not read yet")
    return Health("good", f"confirmed {ago(confirmed_at or head.released.observed_at)}")


def no_longer_read(document: Document) -> Health | None:
    """Of a document that was retired, alone or with its platform (selected along); None for one that is read."""
    since = document.retired_at or document.platform.retired_at
    return Health("retired", f"no longer read since {_day(since)}") if since else None


def confirmed(versions: Iterable[int | None]) -> dict[int, datetime]:
    """Version → when it was last seen to stand, for those that were ever sighted. One query."""
    seen = Sighting.objects.filter(version__in=[pk for pk in versions if pk is not None]).values_list("version")
    return dict(seen.annotate(Max("last_at")).values_list("version", "last_at__max"))


def head_of(document: Document) -> DocumentHead | None:
    """The document's head, where it was selected along; None for a document that was never read."""
    try:
        return document.head
    except DocumentHead.DoesNotExist:
        return None


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
