"""One change and the decision about it: the words that differ on one side, the form on the other."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from atlas.kernel import clock
from monitoring import pipeline
from monitoring.archive.models import Version
from monitoring.archive.texts import text_of
from monitoring.changes import services
from monitoring.changes.models import Change, Release, ReleaseState
from monitoring.changes.services import AlreadyDecided, WordsMissing
from monitoring.desk.access import ANALYSTS, EVERYBODY, DeskRequest, desk_page, may
from monitoring.desk.showing import page, public_address, time_left
from monitoring.findings.standing import touched_by
from monitoring.showing.reading import read
from monitoring.showing.sides import view_of

#: Decision → the service, and the field with its words.
DECISIONS: dict[str, tuple[Callable[..., Release], str]] = {
    "approve": (services.approve, "words"),
    "hold": (services.hold, "note"),
    "suppress": (services.suppress, "note"),
}
#: What is said after a hold and after noise.
SAID = {
    "hold": "Held until {deadline:%H:%M} UTC on {deadline:%-d %B}: then it is released by itself.",
    "suppress": "Marked as noise: it stays in the history and tells nobody.",
}


class DecisionForm(forms.Form):
    """The analyst's words for the public, or a note for the record. Which of them is needed depends on the decision."""

    words = forms.CharField(required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 6}))
    note = forms.CharField(required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    decision = forms.ChoiceField(choices=[(name, name) for name in DECISIONS])


@desk_page(*EVERYBODY, acting=ANALYSTS)
def decision(request: DeskRequest, public_id: UUID) -> HttpResponse:
    change = _change(public_id)
    if request.method != "POST":
        return _show(request, change, DecisionForm(initial=_start(request, change)))
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _show(request, change, form, status=422)
    service, field = DECISIONS[form.cleaned_data["decision"]]
    try:
        with transaction.atomic():
            pipeline.decide(
                service, change=change, analyst=request.user, moment=clock.now(), **{field: form.cleaned_data[field]}
            )
    except WordsMissing as error:
        form.add_error(field, str(error))
        return _show(request, change, form, status=422)
    except AlreadyDecided as error:
        return _show(request, _change(public_id), form, conflict=str(error), status=409)
    messages.success(request, _said(_change(public_id), form.cleaned_data["decision"]))
    return redirect("admin:desk-queue")


def _change(public_id: UUID) -> Change:
    found = (
        Change.objects.of_public_documents()
        .filter(public_id=public_id)
        .select_related(
            "document__platform",
            "document__head__released",
            "old__extracted",
            "new__extracted",
            "comparison",
            "release__decided_by",
        )
        .first()
    )
    if found is None:
        raise Http404("no such change")
    return found


def _start(request: DeskRequest, change: Change) -> dict[str, str]:
    """On request the analyst begins with the automatic summary, to be put into their own words."""
    if request.GET.get("start") == "summary":
        return {"words": "\n".join(change.summary) or change.headline, "note": change.release.note}
    return {"note": change.release.note}


def _said(change: Change, decided: str) -> str:
    where = f"{change.document.platform.name}, {change.document.title}: "
    if decided in SAID:
        return where + SAID[decided].format(deadline=change.release.deadline)
    if _is_public(change.new):
        return f"{where}released with your words; the page is public and those who follow the platform are told."
    return f"{where}approved. It becomes public once the earlier change of this document is decided."


def _is_public(version: Version) -> bool:
    return Version.objects.released().filter(pk=version.pk).exists()


def _show(
    request: DeskRequest, change: Change, form: DecisionForm, *, conflict: str = "", status: int = 200
) -> HttpResponse:
    release, document = change.release, change.document
    return page(
        request,
        "desk/decision.html",
        f"{document.platform.name}: {document.title}",
        status=status,
        change=change,
        release=release,
        form=form,
        conflict=conflict,
        may_decide=may(request.user, ANALYSTS) and not release.decided,
        may_write=may(request.user, ANALYSTS),
        suppressed=release.state == ReleaseState.SUPPRESSED,
        left=time_left(release.deadline, clock.now()),
        reasons=[reason["words"] for reason in change.reasons],
        reading=read(text_of(change.old), text_of(change.new), services.comparison_of(change)),
        view=view_of(request),
        findings=touched_by(change),
        public_url=public_address("change", change.typeid),
        earlier=_earlier(change),
    )


def _earlier(change: Change) -> Change | None:
    """A change of the same document that must be decided before this one can become public."""
    head = change.document.head
    if head.released is None or change.release.decided:
        return None
    return (
        Change.objects.filter(
            document=change.document,
            observed_at__lt=change.observed_at,
            observed_at__gt=head.released.observed_at,
            release__decided_at__isnull=True,
        )
        .order_by("observed_at")
        .first()
    )
