"""What members type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from django import forms

from accounts.forms import time_zones
from accounts.models import KeyScope, Organization, Role
from monitoring.catalogue.models import Platform

ONE_OF_SEVERAL = 6


class AddPlatform(forms.Form):
    """A platform by its name, an alias or the beginning of either."""

    platform = forms.CharField(
        label="Follow another platform",
        max_length=120,
        widget=forms.TextInput(attrs={"list": "platform-names", "autocomplete": "off", "placeholder": "Name"}),
    )

    def __init__(self, *args: object, platforms: list[Platform], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.platforms = platforms

    def clean_platform(self) -> Platform:
        typed = " ".join(self.cleaned_data["platform"].casefold().split())
        for matches in (_exact, _begins, _contains):
            found = [platform for platform in self.platforms if any(matches(name, typed) for name in _names(platform))]
            if len(found) == 1:
                return found[0]
            if found:
                which = ", ".join(platform.name for platform in found[:ONE_OF_SEVERAL])
                raise forms.ValidationError(f"Which one do you mean: {which}?")
        raise forms.ValidationError("No platform that we read has this name. The catalogue lists them all.")


def _names(platform: Platform) -> list[str]:
    return [name.casefold() for name in (platform.name, platform.slug, *platform.aliases)]


def _exact(name: str, typed: str) -> bool:
    return name == typed


def _begins(name: str, typed: str) -> bool:
    return name.startswith(typed)


def _contains(name: str, typed: str) -> bool:
    return typed in name


class Note(forms.Form):
    note = forms.CharField(required=False, max_length=300)


class Profile(forms.Form):
    name = forms.CharField(
        required=False,
        max_length=120,
        help_text="As your colleagues see it.",
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    time_zone = forms.ChoiceField(
        help_text="The weekly digest goes out by these clocks.", choices=lambda: [(zone, zone) for zone in time_zones()]
    )


class Notifications(forms.Form):
    same_day = forms.BooleanField(required=False, label="Substantive changes and findings, by mail")
    minor_same_day = forms.BooleanField(required=False, label="Minor changes, by mail and in the inbox")
    weekly_digest = forms.BooleanField(required=False, label="Weekly digest, by mail")


class OrganizationName(forms.Form):
    name = forms.CharField(label="Name of the organization", max_length=120)


class ClosingName(forms.Form):
    """The organization's name, typed so that nobody closes it by mistake."""

    name = forms.CharField(
        label="Type its name", max_length=120, widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"})
    )

    def __init__(self, *args: object, organization: Organization, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.organization = organization

    def clean_name(self) -> str:
        typed: str = self.cleaned_data["name"]
        if typed.split() != self.organization.name.split():
            raise forms.ValidationError(f"The name is {self.organization.name}. Nothing was changed.")
        return typed


class Invite(forms.Form):
    """An address and the role it is offered; `roles` are those that the inviter may give."""

    email = forms.EmailField(
        label="Address", max_length=254, widget=forms.EmailInput({"autocomplete": "off", "placeholder": "name@company"})
    )
    role = forms.TypedChoiceField(coerce=Role)

    def __init__(self, *args: object, roles: Sequence[Role], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        role = cast(forms.TypedChoiceField, self.fields["role"])
        role.choices = [(one.value, one.label) for one in roles]
        role.initial = Role.MEMBER


class NewKey(forms.Form):
    """What a key is for, what it may, and for how long."""

    name = forms.CharField(label="What it is for", max_length=80, widget=forms.TextInput({"autocomplete": "off"}))
    scope = forms.TypedChoiceField(label="It may", coerce=KeyScope)
    days = forms.TypedChoiceField(
        label="It ends",
        coerce=int,
        choices=[("90", "in 90 days"), ("365", "in a year"), ("0", "never")],
        initial="365",
    )

    def __init__(self, *args: object, scopes: Sequence[KeyScope], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        scope = cast(forms.TypedChoiceField, self.fields["scope"])
        scope.choices = [(one.value, one.label) for one in scopes]


class GiveRole(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)
