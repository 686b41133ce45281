"""The admin's page on which an operator says which organization to look into, and why."""

from __future__ import annotations

from typing import cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from accounts import looking
from accounts.models import Organization, User
from atlas.kernel import ids


class LookInto(forms.Form):
    sought = forms.CharField(
        label="Address of a member, or id of the organization (org_…)",
        max_length=254,
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True}),
    )
    reason = forms.CharField(
        label="Why", help_text="The organization can read this.", max_length=300, widget=UnfoldAdminTextInputWidget
    )
    organization = forms.TypedChoiceField(
        label="Which of them", required=False, coerce=int, empty_value=None, widget=UnfoldAdminRadioSelectWidget
    )

    def __init__(self, *args: object, operator: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.operator = operator
        self.several = False

    def clean(self) -> None:
        """Settle on one organization, asking back where a person is a member of several."""
        found = looking.find_organizations(operator=self.operator, text=self.cleaned_data.get("sought", ""))
        if not found:
            self.add_error("sought", "No organization has this id or a member with this address.")
        elif len(found) == 1:
            self.cleaned_data["organization"] = found[0][0]
        else:
            self.several = True
            chosen = self.data.get("organization", "")
            known = {str(pk): pk for pk, _ in found}
            field = cast(forms.TypedChoiceField, self.fields["organization"])
            field.choices = [(pk, ids.encode(Organization.PREFIX, public_id)) for pk, public_id in found]
            self.errors.pop("organization", None)
            if chosen in known:
                self.cleaned_data["organization"] = known[chosen]
            else:
                self.add_error("organization", "This person is a member of several organizations.")


@require_http_methods(["GET", "POST"])
def look_into(request: HttpRequest) -> HttpResponse:
    """Begin or stop to look. Not inside of the admin's scope: the look-up and the record have scopes of their own."""
    operator = cast(User, request.user)
    if not operator.has_perm("billing.view_grant"):
        raise PermissionDenied("Only operators look into organizations.")
    if "stop" in request.POST:
        looking.end(request)
        messages.success(request, "You no longer look into an organization.")
        return redirect("look-into")
    form = LookInto(request.POST or None, operator=operator)
    if request.method == "POST" and form.is_valid():
        chosen, reason = form.cleaned_data["organization"], form.cleaned_data["reason"]
        looking.begin(request, operator=operator, organization_id=chosen, reason=reason)
        return redirect("admin:billing_grant_changelist")
    context = {
        **admin.site.each_context(request),
        "title": "Look into an organization",
        "form": form,
        "looking": looking.current(request),
    }
    return render(request, "admin/accounts/look_into.html", context)


view = admin.site.admin_view(look_into)
