"""Forms of sign-up and settings."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponseBase

from accounts.models import User


@cache
def time_zones() -> tuple[str, ...]:
    """The names that a person may choose from, UTC first, then by continent and city."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return ("UTC", *sorted(places))


class SignupForm(AllauthSignupForm):  # type: ignore[misc]
    """E-mail address and password; the browser adds its time zone where it knows one."""

    time_zone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput(attrs={"data-time-zone": ""}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "password1"
        ].help_text = "At least 10 characters, not all of them digits, and none of the common ones."
        for name in ("email", "password1"):  # they would only repeat the labels
            self.fields[name].widget.attrs.pop("placeholder", None)

    def clean_time_zone(self) -> str:
        """A guess that we can't use is no reason to refuse a person."""
        guessed: str = self.cleaned_data["time_zone"]
        return guessed if guessed in time_zones() else "UTC"

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponseBase | None]:
        """For an address that has an account allauth opens none, and hashes nothing: the answer would come sooner."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)  # type: ignore[no-any-return]

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        super().custom_signup(request, user)
        user.time_zone = self.cleaned_data["time_zone"]
        user.save(update_fields=["time_zone"])
