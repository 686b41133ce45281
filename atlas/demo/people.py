"""The people of the demo, who can sign in without signing up. They exist only where ATLAS_DEMO is set."""

from __future__ import annotations

from typing import NamedTuple

PASSWORD = "read-the-terms"  # noqa: S105 - printed at every start, of use on this machine alone
DOMAIN = "demo.conductatlas.example"


class Person(NamedTuple):
    """One login: `role` is what the start-up message says about it."""

    email: str
    password: str
    role: str


PEOPLE = (
    Person(f"free@{DOMAIN}", PASSWORD, "member, plan Free"),
    Person(f"watcher@{DOMAIN}", PASSWORD, "member, plan Watcher"),
    Person(f"professional@{DOMAIN}", PASSWORD, "member, plan Professional"),
    Person(f"analyst1@{DOMAIN}", PASSWORD, "analyst"),
    Person(f"analyst2@{DOMAIN}", PASSWORD, "analyst"),
    Person(f"editor@{DOMAIN}", PASSWORD, "editor"),
    Person(f"operator@{DOMAIN}", PASSWORD, "operator"),
)

#: Who approves changes in the demo's story.
ANALYST = f"analyst1@{DOMAIN}"
SECOND_ANALYST = f"analyst2@{DOMAIN}"
