"""The list of all changes, and one change."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.access import GatedRequest, public_page
from atlas.kernel import clock
from monitoring.alerts import inbox
from monitoring.archive.payloads import load
from monitoring.archive.texts import text_of
from monitoring.catalogue.models import Platform
from monitoring.changes.models import Change, ChangeQuerySet, ReleaseState, Significance
from monitoring.diffing import Comparison, OperationKind
from monitoring.findings.models import Excerpt, FindingState
from monitoring.pages import crumbs
from monitoring.pages.attribution import attribution
from monitoring.pages.following import follow_state
from monitoring.pages.rows import change_line, change_row, change_url, document_url, provision_url, version_url
from monitoring.pages.summaries import facts_of
from monitoring.showing.reading import read
from monitoring.showing.sides import view_of

PAGE = 30


class ChangesForm(forms.Form):
    """Which changes are listed."""

    platform = forms.ModelChoiceField(
        Platform.objects.none(), to_field_name="slug", required=False, empty_label="All platforms"
    )
    significance = forms.ChoiceField(
        choices=[
            ("", "Any significance"),
            *[(s.value, s.label.capitalize()) for s in reversed(Significance) if s != "none"],
        ],
        required=False,
    )
    since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["platform"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = Platform.objects.listed().filter(documents__head__isnull=False).distinct()

    def chosen(self, changes: ChangeQuerySet) -> ChangeQuerySet:
        """The changes that the form asks for; all where it is not valid."""
        if not self.is_valid():
            return changes
        asked = self.cleaned_data
        if asked["platform"]:
            changes = changes.of_platform(asked["platform"])
        if asked["significance"]:
            changes = changes.filter(significance=asked["significance"])
        if asked["since"]:
            changes = changes.filter(observed_at__date__gte=asked["since"])
        if asked["until"]:
            changes = changes.filter(observed_at__date__lte=asked["until"])
        return changes


@public_page
def changes(request: GatedRequest) -> HttpResponse:
    form = ChangesForm(request.GET)
    found = form.chosen(Change.objects.worth_showing()).newest_first().select_related("document__platform")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "page": page,
        "rows": [change_row(change) for change in page],
        "query": query.urlencode(),
        "filtered": any(query.values()),
        "reset_url": reverse("pages:changes"),
        "attribution": attribution(change.document.provenance_source for change in page),
    }
    return render(request, "pages/changes.html", context)


@public_page
def change(request: GatedRequest, public_id: UUID) -> HttpResponse:
    found = (
        Change.objects.viewable_by(request.user)
        .filter(public_id=public_id)
        .select_related("document__platform", "old__extracted", "new__extracted", "comparison", "release")
        .first()
    )
    if found is None:
        raise Http404("no such change")
    if request.membership:
        inbox.mark_change_read(membership=request.membership, change=found, moment=clock.now())
    comparison = Comparison.loads(load(found.comparison).decode())
    reading = read(text_of(found.old), text_of(found.new), comparison)
    context = {
        "change": _head(found),
        "document": found.document,
        "document_url": document_url(found.document),
        "crumbs": crumbs.to_document(found.document, itself=True),
        "follow": follow_state(request, found.document.platform),
        "summary": _summary(found, comparison),
        "reasons": [reason["words"] for reason in found.reasons],
        "reading": reading,
        "view": view_of(request),
        "provisions": _provisions(found, comparison),
        "citation": _citation(found),
        "attribution": attribution([found.document.provenance_source]),
    }
    return render(request, "pages/change.html", context)


def _head(change: Change) -> dict[str, object]:
    return {
        "line": change_line(change),
        "significance": change.significance,
        "observed_at": change.observed_at,
        "from_at": change.old.observed_at,
        "from_url": version_url(change.old),
        "to_url": version_url(change.new),
        "to_sha256": change.new.text_sha256,
        "words_added": change.words_added,
        "words_removed": change.words_removed,
        "released": change.release.decided,
        "uploaded": change.new.uploaded,
        "noise": change.release.state == ReleaseState.SUPPRESSED,
        "cause": "" if change.new.cause == "platform" else change.new.get_cause_display(),
        "coarse": change.coarse,
    }


def _summary(change: Change, comparison: Comparison) -> dict[str, object]:
    """The analyst's words where there are some, and in any case what was counted."""
    release = change.release
    return {
        "words": release.words,
        "at": release.decided_at,
        # What weighs less isn't reviewed: it was released at once, not because nobody decided.
        "automatic": release.state == ReleaseState.AUTOMATIC and change.significance == Significance.SUBSTANTIVE,
        "sentences": change.summary,
        "facts": facts_of(comparison.summary),
    }


def _provisions(change: Change, comparison: Comparison) -> list[dict[str, str]]:
    """Published findings whose quotation in one of the two versions was touched."""
    touched = [operation for operation in comparison.operations if operation.kind != OperationKind.EQUAL]
    excerpts = (
        Excerpt.objects.filter(
            version__in=[change.old_id, change.new_id],
            revision__finding__state=FindingState.PUBLISHED,
            revision__finding__published=F("revision"),
        )
        .select_related("revision__finding__provision__type", "revision__finding__provision__document__platform")
        .order_by("pk")
    )
    rows: dict[str, str] = {}
    for excerpt in excerpts:
        spans = (operation.old if excerpt.version_id == change.old_id else operation.new for operation in touched)
        if any(start < excerpt.end and end > excerpt.start for start, end in spans):
            rows[provision_url(excerpt.revision.finding.provision)] = excerpt.revision.headline
    return [{"href": href, "headline": headline} for href, headline in rows.items()]


def _citation(change: Change) -> str:
    document = change.document
    return (
        f"ConductAtlas, “{document.platform.name}, {document.title}: change read on "
        f"{change.observed_at.day} {change.observed_at:%B %Y at %H:%M} UTC”, SHA-256 of the new text "
        f"{change.new.text_sha256}, {settings.BASE_URL}{change_url(change)}"
    )
