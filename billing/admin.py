"""Plans given by operators. Shown are the grants of the organization that the session looks into, and no others."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import looking
from accounts.models import Organization, User
from accounts.plans import PlanSlug
from atlas.kernel import clock
from billing import services
from billing.errors import GrantOver
from billing.models import Grant


class NewGrant(forms.ModelForm):  # type: ignore[type-arg]
    """A plan with an end and a reason."""

    class Meta:
        model = Grant
        fields = ("plan_slug", "until", "reason")
        help_texts = {"until": "UTC. The plan ends by itself.", "reason": "The organization can read this."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].required = True

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until <= clock.now():
            raise forms.ValidationError("This end has passed already.")
        return until


class Revocation(forms.ModelForm):  # type: ignore[type-arg]
    """The one thing that may be done with a grant: take it back."""

    because = forms.CharField(
        label="Take it back because",
        max_length=300,
        help_text="The organization can read this. The plan ends at once.",
        widget=UnfoldAdminTextInputWidget,
    )

    class Meta:
        model = Grant
        fields = ()


@admin.register(Grant)
class GrantAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("plan_slug", "starts_at", "until", "reason", "granted_by", "revoked_at")
    list_select_related = ("granted_by",)
    ordering = ("-starts_at",)
    list_before_template = "admin/billing/grant_list_before.html"
    FACTS = ("organization", "plan_slug", "starts_at", "until", "reason", "granted_by", "revoked_at")

    def get_form(self, request: HttpRequest, obj: Grant | None = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, form=Revocation if obj else NewGrant, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Grant | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("plan_slug", "until", "reason")
        return self.FACTS if obj.revoked_at else (*self.FACTS, "because")

    def get_readonly_fields(self, request: HttpRequest, obj: Grant | None = None) -> tuple[str, ...]:
        return self.FACTS if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return looking.current(request) is not None and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Grant | None = None) -> bool:
        return (obj is None or obj.revoked_at is None) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Grant | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        looked = looking.current(request)
        if looked is None and self.has_view_permission(request):
            return redirect("look-into")
        if looked:
            organization = Organization.objects.select_related("entitlement").get(pk=looked.organization_id)
            extra_context = {**(extra_context or {}), "looking": looked, "organization": organization}
        return cast(HttpResponse, super().changelist_view(request, extra_context))

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: bool) -> None:
        operator = cast(User, request.user)
        if change:
            _revoke(request, obj, form.cleaned_data["because"], operator)
            return
        looked = looking.current(request)
        assert looked is not None, "has_add_permission asks first"  # noqa: S101
        made = services.grant_plan(
            organization=Organization.objects.get(pk=looked.organization_id),
            plan=PlanSlug(obj.plan_slug),
            until=obj.until,
            reason=obj.reason,
            operator=operator,
        )
        obj.pk, obj.organization = made.pk, made.organization


def _revoke(request: HttpRequest, grant: Grant, reason: str, operator: User) -> None:
    try:
        services.revoke_grant(grant=grant, reason=reason, operator=operator)
    except GrantOver as over:  # a colleague was quicker
        messages.error(request, str(over))
