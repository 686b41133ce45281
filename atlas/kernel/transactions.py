"""Whether a transaction is open: no network call is made while one is."""

from __future__ import annotations

from django.db import connection


class InsideTransaction(RuntimeError):
    """A network call was tried while a database transaction was open."""


def in_transaction() -> bool:
    """True inside of any atomic block but the one that a test case wraps around everything."""
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def refuse_inside_transaction(what: str) -> None:
    """Raise InsideTransaction: a slow peer must not keep rows locked."""
    if in_transaction():
        raise InsideTransaction(f"{what} was tried while a database transaction was open")
