"""A capture of a document that can't be read, uploaded by an analyst: judged first, looked at, and then kept for ever."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from atlas.kernel import clock, egress
from monitoring.archive import trials
from monitoring.archive.models import Incident, Trial
from monitoring.catalogue.models import Declaration, Document, Source
from monitoring.desk.access import ANALYSTS, EVERYBODY, DeskRequest, desk_page, may
from monitoring.desk.showing import page, public_address
from monitoring.desk.trials import LOOK_AGAIN, named_trial, shown
from monitoring.showing.sides import view_of

#: As large as a page may be that we read ourselves.
MOST_BYTES = egress.DEFAULT_LIMITS.body_bytes


class CaptureForm(forms.Form):
    """The statement, and for each page of the document a file and where it stood."""

    who = forms.CharField(max_length=200)
    how = forms.CharField(max_length=1000, widget=forms.Textarea)
    observed_at = forms.DateTimeField(
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )

    def __init__(self, *args: Any, sources: list[Source], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pages = list(range(len(sources)))
        for number, source in enumerate(sources):
            self.fields[f"file_{number}"] = forms.FileField(
                widget=forms.FileInput(attrs={"accept": ".html,.htm,.pdf,text/html,application/pdf"})
            )
            self.fields[f"url_{number}"] = forms.URLField(max_length=2000, assume_scheme="https", initial=source.url)

    def clean_observed_at(self) -> Any:
        taken = self.cleaned_data["observed_at"]
        if taken > clock.now():
            raise forms.ValidationError("It can't have been taken in the future: the time is in UTC.")
        return taken

    def clean(self) -> None:
        for number in self.pages:
            file = cast("UploadedFile[Any] | None", self.cleaned_data.get(f"file_{number}"))
            if file is not None and (file.size or 0) > MOST_BYTES:
                self.add_error(f"file_{number}", f"It is larger than {MOST_BYTES // 2**20} MB.")

    @property
    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"file_{number}"], self[f"url_{number}"]) for number in self.pages]


@desk_page(*EVERYBODY, acting=ANALYSTS)
def upload(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """State who took it, when and how; the worker judges it as it judges any page."""
    document, in_force, sources = _document(public_id)
    trial = named_trial(request, document)
    if trial is not None and trial.statement is None:
        raise Http404("no capture was uploaded here")
    incident = Incident.objects.filter(document=document, closed_at=None).order_by("opened_at").first()
    if request.method != "POST":
        form = CaptureForm(sources=sources, initial=_stated(trial))
        return _show(request, document, form, trial, incident)
    if request.POST.get("do") == "keep":
        return _keep(request, document, trial)
    form = CaptureForm(request.POST, request.FILES, sources=sources)
    if incident is None or document.adopted_at is None:
        form.add_error(None, _why_not(incident))
    if not form.is_valid():
        return _show(request, document, form, None, incident, status=422)
    said = form.cleaned_data
    asked = trials.ask_for_capture(
        document=document,
        in_force=in_force,
        pages=[said[f"file_{number}"].read() for number in form.pages],
        urls=[said[f"url_{number}"] for number in form.pages],
        who=said["who"],
        how=said["how"],
        observed_at=said["observed_at"],
        operator=request.user,
    )
    return redirect(_address(document, asked))


def _keep(request: DeskRequest, document: Document, trial: Trial | None) -> HttpResponse:
    if trial is None or not trial.was_read or trial.keep:
        raise Http404("there is no capture that could be kept")
    if trial.operator_id != request.user.pk:
        messages.error(request, "Whoever uploaded a capture keeps it: it is their statement.")
    else:
        trials.ask_to_keep(trial)
    return redirect(_address(document, trial))


def _why_not(incident: Incident | None) -> str:
    if incident is None:
        return "The document can be read: a capture is taken only of one that can't."
    return "Nobody has adopted this document yet: do that first, on the page of its health."


def _show(
    request: DeskRequest,
    document: Document,
    form: CaptureForm,
    trial: Trial | None,
    incident: Incident | None,
    *,
    status: int = 200,
) -> HttpResponse:
    waiting = trial is not None and trial.finished_at is None
    answer = page(
        request,
        "desk/upload.html",
        f"A capture of {document}",
        status=status,
        document=document,
        incident=incident,
        form=form,
        trial=trial,
        waiting=waiting,
        shown=shown(trial) if trial is not None and not waiting else None,
        view=view_of(request),
        refusal=(trial.found or {}).get("refusal", "") if trial is not None else "",
        kept_url=public_address("version", trial.kept.typeid) if trial is not None and trial.kept is not None else "",
        most=MOST_BYTES // 2**20,
        may_upload=may(request.user, ANALYSTS),
    )
    if waiting:
        answer["Refresh"] = str(LOOK_AGAIN)
    return answer


def _document(public_id: UUID) -> tuple[Document, Declaration, list[Source]]:
    document = get_object_or_404(
        Document.objects.public().filter(schedule__isnull=False).select_related("platform"), public_id=public_id
    )
    in_force = Declaration.objects.in_force(document)
    if in_force is None:
        raise Http404("nobody has declared yet how it is read")
    return document, in_force, list(in_force.sources.all())


def _stated(trial: Trial | None) -> dict[str, Any]:
    """What was typed for a capture that could not be read, for the next try."""
    if trial is None or trial.statement is None or trial.keep:
        return {}
    said = trial.statement
    urls = {f"url_{number}": url for number, url in enumerate(said["urls"])}
    return {"who": said["who"], "how": said["how"], "observed_at": said["observed_at"][:16], **urls}


def _address(document: Document, trial: Trial) -> str:
    return f"{reverse('admin:desk-upload', args=[document.typeid])}?trial={trial.typeid}"
