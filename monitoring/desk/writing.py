"""Writing a finding: the text of a version on one side, words about it on the other. Words that are selected there become a
quotation; without a script they are pasted, and the server finds where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from monitoring.archive.models import Version
from monitoring.archive.texts import text_of
from monitoring.catalogue.models import Topic, Type
from monitoring.desk.access import ANALYSTS, DeskRequest, desk_page
from monitoring.desk.showing import page
from monitoring.desk.words import shown_blocks
from monitoring.findings import services
from monitoring.findings.errors import ExcerptDiffers, ExcerptMissing, FindingRefused
from monitoring.findings.models import Finding, FindingRevision, Severity
from monitoring.findings.services import Quote, Words


def _grouped_types() -> list[tuple[str, list[tuple[str, str]]]]:
    topics = Topic.objects.prefetch_related("types")
    return [
        ("", [("", "Choose a type")]),
        *((topic.name, [(type.slug, type.name) for type in topic.types.all()]) for topic in topics),
    ]


class FindingForm(forms.Form):
    """What a revision says. Every part is needed but the criteria."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = "Still missing."

    headline = forms.CharField(max_length=300)
    description = forms.CharField(max_length=4000)
    why_person = forms.CharField(max_length=4000)
    why_organization = forms.CharField(max_length=4000)
    severity_person = forms.ChoiceField(choices=[("", "Choose"), *Severity.choices])
    severity_person_words = forms.CharField(max_length=300, required=False)
    severity_organization = forms.ChoiceField(choices=[("", "Choose"), *Severity.choices])
    severity_organization_words = forms.CharField(max_length=300, required=False)

    def words(self) -> Words:
        return Words(**{name: value for name, value in self.cleaned_data.items() if name != "type"})


class NewFindingForm(FindingForm):
    """And what it is about."""

    type = forms.ChoiceField(choices=_grouped_types)


@desk_page(*ANALYSTS)
def new(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """A finding on words of this version."""
    version = _version(public_id)
    if request.method != "POST":
        return _show(request, version, NewFindingForm())
    return _answer(request, version, NewFindingForm(request.POST), None)


@desk_page(*ANALYSTS)
def revise(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """The next revision, on the version that the last one quotes or on the one that `?version=` names."""
    finding = get_object_or_404(
        Finding.objects.select_related("provision__type", "provision__document"), public_id=public_id
    )
    revision = services.newest_revision(finding)
    version = _version_for(request, revision)
    if request.method == "POST":
        return _answer(request, version, FindingForm(request.POST), finding)
    quotes, lost = _carried(revision, version)
    fields = {name: getattr(revision, name) for name in FindingForm.base_fields}
    return _show(
        request, version, FindingForm(initial=fields), finding=finding, read=revision.number, quotes=quotes, lost=lost
    )


def _answer(request: DeskRequest, version: Version, form: FindingForm, finding: Finding | None) -> HttpResponse:
    """Add or remove a quotation, or save. Whatever goes wrong, the page comes back with all that was typed."""
    read = _number(request.POST.get("read", ""))
    pasted, quotes = request.POST.get("pasted", ""), []
    try:
        quotes = _posted_quotes(request, version)
        if request.POST.get("remove"):
            quotes = [quote for index, quote in enumerate(quotes) if str(index) != request.POST["remove"]]
            return _show(
                request, version, form, finding=finding, read=read, quotes=quotes, pasted=pasted, checked=False
            )
        if pasted.strip():
            quotes, pasted = [*quotes, services.find_quote(version, pasted)], ""
        if request.POST.get("save") == "quote":
            return _show(request, version, form, finding=finding, read=read, quotes=quotes, checked=False)
        if not form.is_valid():
            return _show(request, version, form, finding=finding, read=read, quotes=quotes, status=422)
        saved = _save(request, version, form, finding, quotes, read)
    except FindingRefused as error:
        return _show(
            request,
            version,
            form,
            finding=finding,
            read=read,
            quotes=quotes,
            pasted=pasted,
            refusal=str(error),
            status=409,
        )
    messages.success(
        request, "Submitted: a second person publishes it." if request.POST.get("save") == "submit" else "Draft saved."
    )
    return redirect("admin:desk-finding", saved.typeid)


def _save(
    request: DeskRequest,
    version: Version,
    form: FindingForm,
    finding: Finding | None,
    quotes: Sequence[Quote],
    read: int | None,
) -> Finding:
    if not quotes:
        raise ExcerptMissing("Quote the words of the document that the finding stands on.")
    with transaction.atomic():
        if finding is None:
            type = Type.objects.get(slug=form.cleaned_data["type"])
            finding = services.draft_finding(
                document=version.document, type=type, author=request.user, words=form.words(), quotes=quotes
            )
        else:
            services.revise(finding=finding, author=request.user, words=form.words(), quotes=quotes, read=read)
        if request.POST.get("save") == "submit":
            services.submit_for_review(finding=finding)
    return finding


def _version(public_id: UUID) -> Version:
    found = (
        Version.objects.filter(document__organization=None, public_id=public_id)
        .select_related("document__platform", "document__head__latest", "extracted")
        .first()
    )
    if found is None:
        raise Http404("no such version")
    return found


def _version_for(request: DeskRequest, revision: FindingRevision) -> Version:
    """The one that is asked for, if it is of the same document."""
    document = revision.finding.provision.document
    excerpt = revision.excerpts.select_related("version").first()
    quoted = excerpt.version if excerpt else document.head.latest
    wanted = request.GET.get("version")
    if wanted == "newest":
        quoted = document.head.latest
    return _version(quoted.public_id)


def _carried(revision: FindingRevision, version: Version) -> tuple[list[Quote], list[str]]:
    """The revision's quotations in this version; and those that don't stand there once and verbatim."""
    quotes, lost = [], []
    for excerpt in revision.excerpts.all():
        if excerpt.version_id == version.pk:
            quotes.append(Quote(version, excerpt.start, excerpt.end, excerpt.exact))
            continue
        try:
            quotes.append(services.find_quote(version, excerpt.exact))
        except FindingRefused:
            lost.append(excerpt.exact)
    return quotes, lost


def _posted_quotes(request: DeskRequest, version: Version) -> list[Quote]:
    """Raises ExcerptDiffers for what isn't a quotation of this version. A form's line ends are not the text's."""
    text = text_of(version).text
    fields = [request.POST.getlist(f"quote_{name}") for name in ("start", "end", "exact")]
    quotes = []
    for start, end, exact in zip(*fields, strict=False):
        first, last, words = _number(start), _number(end), exact.replace("\r\n", "\n")
        if first is None or last is None or not words or text[first:last] != words:
            raise ExcerptDiffers("The quoted words are not, character for character, those of the version.")
        quotes.append(Quote(version, first, last, words))
    return quotes


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _show(
    request: DeskRequest,
    version: Version,
    form: FindingForm,
    *,
    finding: Finding | None = None,
    read: int | None = None,
    quotes: Sequence[Quote] = (),
    lost: Sequence[str] = (),
    pasted: str = "",
    refusal: str = "",
    checked: bool = True,
    status: int = 200,
) -> HttpResponse:
    """`checked`: the form was sent to be saved, so what is missing is said."""
    if not checked:
        form = type(form)(initial=request.POST.dict())
    document = version.document
    return page(
        request,
        "desk/writing.html",
        f"{document.platform.name}: {document.title}",
        status=status,
        version=version,
        document=document,
        newest=document.head.latest if document.head.latest != version else None,
        blocks=shown_blocks(text_of(version), quotes),
        form=form,
        finding=finding,
        read=read,
        quotes=quotes,
        lost=lost,
        pasted=pasted,
        refusal=refusal,
    )
