"""How a document is read: written at the desk, tried on the live pages, and only then declared."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from atlas.kernel import doorbells
from monitoring.archive import scheduling, trials
from monitoring.archive.models import Trial
from monitoring.catalogue.declaring import DeclaredMeanwhile, NothingDeclared, declare, entries_of
from monitoring.catalogue.entries import SelectorEntry, SourceEntry
from monitoring.catalogue.models import Declaration, Document, Reading
from monitoring.desk.access import EVERYBODY, OPERATORS, DeskRequest, desk_page, may
from monitoring.desk.hosts import READ_DUE
from monitoring.desk.showing import page
from monitoring.desk.trials import LOOK_AGAIN, named_trial, shown
from monitoring.extraction import InvalidSelector
from monitoring.extraction.matching import require_selectors
from monitoring.showing.sides import view_of

MOST_PAGES = 10
MEDIA_TYPES = [
    ("", "what the server says"),
    ("text/html", "HTML"),
    ("application/pdf", "PDF"),
    ("text/markdown", "Markdown"),
    ("text/plain", "plain text"),
]


class SelectorsField(forms.CharField):
    """One CSS selector a line; a range is a line of JSON, as in the catalogue's files."""

    widget = forms.Textarea(attrs={"rows": 2, "spellcheck": "false"})

    def clean(self, value: Any) -> tuple[SelectorEntry, ...]:
        lines = [line.strip() for line in str(super().clean(value)).splitlines() if line.strip()]
        return tuple(_selector(line) for line in lines)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        return "\n".join(each if isinstance(each, str) else json.dumps(dict(each)) for each in value or ())


def _selector(line: str) -> SelectorEntry:
    try:
        if not line.startswith("{"):
            require_selectors([line])
            return line
        ends = json.loads(line)
        if not all(isinstance(part, str) for pair in ends.items() for part in pair):
            raise ValueError
        require_selectors([ends])
        return tuple(sorted(ends.items()))
    except (InvalidSelector, ValueError, TypeError) as error:
        what = (
            "a range (startBefore or startAfter, endBefore or endAfter)" if line.startswith("{") else "a CSS selector"
        )
        raise forms.ValidationError(f"This line is not {what}: {line}") from error


class SourceForm(forms.Form):
    """One page of a document."""

    url = forms.URLField(max_length=2000, assume_scheme="https")
    select = SelectorsField(required=False, max_length=4000)
    remove = SelectorsField(required=False, max_length=4000)
    reading = forms.ChoiceField(choices=Reading.choices, initial=Reading.STATIC)
    media_type = forms.ChoiceField(choices=MEDIA_TYPES, required=False)

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if not url.lower().startswith(("http://", "https://")):
            raise forms.ValidationError("Only http and https addresses are read.")
        return url

    @property
    def entry(self) -> SourceEntry:
        said = self.cleaned_data
        return SourceEntry(said["url"], said["select"], said["remove"], said["reading"], said["media_type"])


if TYPE_CHECKING:
    _FormSet = forms.BaseFormSet[SourceForm]
else:
    _FormSet = forms.BaseFormSet


class SourceForms(_FormSet):
    """The pages of a document, in their order."""

    def clean(self) -> None:
        if not any(self.errors) and not self.entries():
            raise forms.ValidationError("Name at least one page.")

    def entries(self) -> list[SourceEntry]:
        """What was written, by the order that it was given, without the pages that are taken out."""
        return [form.entry for form in self.ordered_forms if form.has_changed() or form.initial]


_Forms: type[SourceForms] = forms.formset_factory(  # type: ignore[assignment]  # what is made of it is one of it
    SourceForm, formset=SourceForms, extra=1, max_num=MOST_PAGES, validate_max=True, can_delete=True, can_order=True
)


@desk_page(*EVERYBODY, acting=OPERATORS)
def reading(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """How it is read now; what is written here is tried before it can be declared."""
    document, in_force = _document(public_id)
    trial = named_trial(request, document)
    if trial is not None and trial.statement is not None:
        raise Http404("an uploaded capture has its own page")
    if request.method != "POST":
        entries = trials.entries_of(trial) if trial else entries_of(in_force)
        return _show(request, document, in_force, _Forms(initial=_initial(entries), prefix="source"), trial)
    if request.POST.get("do") == "declare":
        return _declare(request, document, in_force, trial)
    written = _Forms(request.POST, initial=_initial(entries_of(in_force)), prefix="source")
    if not written.is_valid():
        return _show(request, document, in_force, written, trial, status=422)
    asked = trials.ask(document=document, sources=written.entries(), written_on=in_force.number, operator=request.user)
    return redirect(_address(document, asked))


def _declare(request: DeskRequest, document: Document, in_force: Declaration, trial: Trial | None) -> HttpResponse:
    """Save what was tried, as it was tried."""
    if trial is None or not trial.was_read:
        raise Http404("nothing was tried that could be declared")
    reason = request.POST.get("reason", "")
    entries = trials.entries_of(trial)
    try:
        with transaction.atomic():
            made = declare(
                document=document, sources=entries, reason=reason, operator=request.user, written_on=trial.written_on
            )
            scheduling.reschedule(document)
    except (DeclaredMeanwhile, NothingDeclared) as error:
        status = 409 if isinstance(error, DeclaredMeanwhile) else 422
        written = _Forms(initial=_initial(entries), prefix="source")
        return _show(request, document, in_force, written, trial, refusal=str(error), reason=reason, status=status)
    doorbells.ring(READ_DUE)
    messages.success(request, f"Declaration {made.number} is in force: {document} is read so from its next reading on.")
    return redirect(_address(document))


def _show(
    request: DeskRequest,
    document: Document,
    in_force: Declaration,
    written: SourceForms,
    trial: Trial | None,
    *,
    refusal: str = "",
    reason: str = "",
    status: int = 200,
) -> HttpResponse:
    waiting = trial is not None and trial.finished_at is None
    answer = page(
        request,
        "desk/reading.html",
        f"How {document} is read",
        status=status,
        document=document,
        in_force=in_force,
        forms=written,
        trial=trial,
        waiting=waiting,
        shown=shown(trial) if trial is not None and not waiting else None,
        view=view_of(request),
        refusal=refusal,
        reason=reason,
        may_operate=may(request.user, OPERATORS),
        history=document.declarations.order_by("-number")[:10],
    )
    if waiting:
        answer["Refresh"] = str(LOOK_AGAIN)
    return answer


def _document(public_id: UUID) -> tuple[Document, Declaration]:
    document = get_object_or_404(
        Document.objects.public().select_related("platform", "head__latest"), public_id=public_id
    )
    in_force = Declaration.objects.in_force(document)
    if in_force is None:
        raise Http404("nobody has declared yet how it is read")
    return document, in_force


def _address(document: Document, trial: Trial | None = None) -> str:
    address = reverse("admin:desk-reading", args=[document.typeid])
    return f"{address}?trial={trial.typeid}" if trial else address


def _initial(entries: tuple[SourceEntry, ...]) -> list[dict[str, Any]]:
    return [asdict(entry) for entry in entries]
