"""A member asks for a platform that is missing, or votes for one that others miss."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import MemberRequest, member_page
from accounts.permissions import Permission
from monitoring.pages.rows import platform_url
from monitoring.watching import requests
from monitoring.watching.errors import AlreadyKnown, WatchingError
from monitoring.watching.models import PlatformRequest
from monitoring.watching.naming import NoHomepage, key_of, place_of


class AskForm(forms.Form):
    name = forms.CharField(label="Name of the platform", max_length=120)
    homepage = forms.URLField(label="Its homepage", max_length=300, assume_scheme="https")
    why = forms.CharField(
        label="Why it matters to you",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Our operators read this. It is not published.",
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not key_of(name):
            raise forms.ValidationError("A name has letters or digits.")
        return name

    def clean_homepage(self) -> str:
        homepage: str = self.cleaned_data["homepage"]
        try:
            place_of(homepage)
        except NoHomepage as error:
            raise forms.ValidationError("This is not the address of a page on the web.") from error
        return homepage


@member_page(Permission.WATCH)
@require_http_methods(["GET", "POST"])
def ask(request: MemberRequest) -> HttpResponse:
    if request.method != "POST":
        return _show(request, AskForm(initial={"name": request.GET.get("name", "")[:120]}))
    form = AskForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    try:
        found = requests.ask_for(membership=request.membership, **form.cleaned_data)
    except AlreadyKnown as known:
        return _show(request, form, known=known, status=422)
    except WatchingError as refused:
        form.add_error(None, str(refused))
        return _show(request, form, status=422)
    messages.success(request, f"You are told when {found.name} comes. {_others(found)}")
    return redirect("pages:requests")


@member_page(Permission.WATCH)
@require_POST
def vote(request: MemberRequest, public_id: UUID) -> HttpResponse:
    wanted = get_object_or_404(PlatformRequest.objects.select_related("merged_into"), public_id=public_id)
    try:
        counted = requests.vote_for(membership=request.membership, request=wanted)
    except WatchingError as refused:
        messages.error(request, str(refused))
    else:
        said = "You are told when it comes." if counted else "You had voted for it already."
        messages.success(request, f"{wanted.name}: {said}")
    return redirect("pages:requests")


def _others(request: PlatformRequest) -> str:
    request.refresh_from_db(fields=["votes"])
    others = request.votes - 1
    return (
        "You are the first to ask for it." if others < 1 else f"{others} more {'wants' if others == 1 else 'want'} it."
    )


def _show(
    request: MemberRequest, form: AskForm, *, known: AlreadyKnown | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "crumbs": [("Platforms", reverse("pages:platforms")), ("Asked for", reverse("pages:requests"))],
        "form": form,
        "known": known.platform if known else None,
        "known_url": platform_url(known.platform) if known else "",
    }
    return render(request, "members/ask_for_platform.html", context, status=status)
