"""What reading has noticed and an operator may put into the catalogue: new addresses, new documents, other selectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode

from atlas.kernel import clock, doorbells
from atlas.kernel.ids import InvalidId, decode
from monitoring.archive import scheduling
from monitoring.catalogue import proposing
from monitoring.catalogue.models import Document, Proposal, ProposalKind
from monitoring.catalogue.proposing import ProposalRefused
from monitoring.catalogue.reading import LANGUAGE
from monitoring.catalogue.vocabulary import KINDS
from monitoring.desk.access import EVERYBODY, OPERATORS, DeskRequest, desk_page, may
from monitoring.desk.hosts import READ_DUE
from monitoring.desk.showing import page, query

PAGE = 20
DECIDED = 10


class NoteForm(forms.Form):
    """A note for the record, whatever is decided."""

    note = forms.CharField(required=False, max_length=300)


class NewDocumentForm(NoteForm):
    """What the catalogue is to say of a new document. What was guessed stands in it to begin with."""

    title = forms.CharField(max_length=200, error_messages={"required": "Say what the document is called."})
    kind = forms.ChoiceField(
        choices=[("", "choose"), *KINDS.items()], error_messages={"required": "Say what kind of document it is."}
    )
    language = forms.RegexField(
        rf"^{LANGUAGE}$",
        max_length=16,
        error_messages={"required": "Say which language it is in.", "invalid": "A language is written as en or pt-BR."},
    )
    adopted = forms.BooleanField(required=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """One proposal as it is listed. ``alike``: documents that the platform has under this title, perhaps the same one."""

    proposal: Proposal
    form: NoteForm
    alike: list[Document]

    @property
    def dom_id(self) -> str:
        return self.proposal.typeid


@desk_page(*EVERYBODY, acting=OPERATORS)
def proposals(request: DeskRequest) -> HttpResponse:
    if request.method == "POST":
        return _act(request)
    return _show(request)


def _show(request: DeskRequest, *, bound: NoteForm | None = None, about: Proposal | None = None) -> HttpResponse:
    """The list; one form as it was sent, where something in it is wrong."""
    kind = request.GET.get("kind", "")
    waiting = Proposal.objects.waiting().select_related("platform", "document")
    counts = dict(waiting.order_by().values_list("kind").annotate(Count("pk")))
    chosen = waiting.filter(kind=kind) if kind in ProposalKind.values else waiting
    rows = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    decided = Proposal.objects.decided().select_related("platform", "document", "decided_by", "declaration")
    alike = _alike([proposal for proposal in rows if proposal.kind == ProposalKind.DOCUMENT])
    shown = [
        Shown(
            proposal,
            bound if bound is not None and about is not None and proposal.pk == about.pk else _form(proposal),
            alike.get(proposal.pk, []),
        )
        for proposal in rows
    ]
    return page(
        request,
        "desk/proposals.html",
        "Proposals",
        status=422 if bound is not None else 200,
        rows=rows,
        shown=shown,
        kinds=[(value, label, counts.get(value, 0)) for value, label in ProposalKind.choices],
        chosen=kind if kind in ProposalKind.values else "",
        query=query(kind=kind),
        waiting=sum(counts.values()),
        decided=list(decided[:DECIDED]),
        may_operate=may(request.user, OPERATORS),
    )


def _form(proposal: Proposal, data: Any = None) -> NoteForm:
    """Ids are of the proposal, since many forms stand on one page."""
    auto_id = f"{proposal.typeid}-%s"
    if proposal.kind != ProposalKind.DOCUMENT:
        return NoteForm(data, auto_id=auto_id)
    seen = proposal.seen
    guessed = {"title": seen["title"], "kind": seen["kind"], "language": seen["language"]}
    return NewDocumentForm(data, initial=guessed, auto_id=auto_id)


def _alike(proposals: list[Proposal]) -> dict[int, list[Document]]:
    """Per proposal the documents of its platform that are called the same: it may be another address of one of them."""
    of_platforms = Document.objects.public().filter(
        platform__in={each.platform_id for each in proposals}, retired_at=None
    )
    by_platform: dict[int, list[Document]] = {}
    for document in of_platforms.order_by("title", "pk"):
        by_platform.setdefault(document.platform_id, []).append(document)
    return {
        proposal.pk: [
            document
            for document in by_platform.get(proposal.platform_id, [])
            if document.title.casefold() == str(proposal.seen["title"]).casefold()
        ]
        for proposal in proposals
    }


def _act(request: DeskRequest) -> HttpResponse:
    proposal = _proposal(request.POST.get("proposal", ""))
    form = _form(proposal, request.POST)
    refusing = request.POST.get("action") != "accept"
    if not refusing and not form.is_valid():
        return _show(request, bound=form, about=proposal)
    try:
        with transaction.atomic():
            said = _refuse(request, proposal) if refusing else _accept(request, proposal, form)
    except ProposalRefused as error:
        messages.error(request, f"{proposal.platform.name}: {error} Nothing was changed.")
    else:
        messages.success(request, said)
    kind = request.GET.get("kind", "")
    address = redirect("admin:desk-proposals")
    if kind in ProposalKind.values:
        address["Location"] += f"?{urlencode({'kind': kind})}"
    return address


def _proposal(typeid: str) -> Proposal:
    try:
        public_id = decode(Proposal.PREFIX, typeid)
    except InvalidId as error:
        raise Http404("no such proposal") from error
    found = Proposal.objects.select_related("platform", "document").filter(public_id=public_id).first()
    if found is None:
        raise Http404("no such proposal")
    return found


def _refuse(request: DeskRequest, proposal: Proposal) -> str:
    note = request.POST.get("note", "").strip()[:300]
    proposing.refuse(proposal=proposal, operator=request.user, moment=clock.now(), note=note)
    return f"{proposal.platform.name}: refused. The same is not proposed again."


def _accept(request: DeskRequest, proposal: Proposal, form: NoteForm) -> str:
    given = form.cleaned_data
    if proposal.kind == ProposalKind.DOCUMENT:
        document = proposing.accept_document(proposal=proposal, operator=request.user, moment=clock.now(), **given)
        scheduling.sync_schedules()
        doorbells.ring(READ_DUE)
        if not document.platform.enabled:
            return f"Added: {document}. It is read once the platform is enabled."
        after = (
            "its first version is public at once" if given["adopted"] else "somebody adopts it after its first reading"
        )
        return f"Added: {document}. It is read now; {after}."
    made = proposing.accept_way(proposal=proposal, operator=request.user, moment=clock.now(), **given)
    if made.document.platform.enabled:
        scheduling.reschedule(made.document)
        doorbells.ring(READ_DUE)
    return f"Declaration {made.number} of {made.document} is in force: it is read in this way from now on."
