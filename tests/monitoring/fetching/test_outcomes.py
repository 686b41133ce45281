from __future__ import annotations

import pytest

from monitoring.fetching.outcomes import REASONS, Outcome, Reason, reason_of_status


def test_each_reason_belongs_to_exactly_one_outcome() -> None:
    listed = [reason for reasons in REASONS.values() for reason in reasons]
    assert sorted(listed) == sorted(Reason)


def test_an_outcome_has_reasons_exactly_where_the_document_was_not_read() -> None:
    assert set(REASONS) == {outcome for outcome in Outcome if not outcome.was_read}


def test_a_reason_names_its_outcome() -> None:
    assert Reason.TLS.outcome is Outcome.UNREACHABLE
    assert Reason.JS_SHELL.outcome is Outcome.NEEDS_BROWSER


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (200, None),
        (203, None),
        (304, Reason.ERROR),
        (401, Reason.HTTP_4XX),
        (403, Reason.HTTP_4XX),
        (404, Reason.HTTP_404),
        (410, Reason.HTTP_410),
        (429, Reason.HTTP_429),
        (500, Reason.HTTP_5XX),
        (503, Reason.HTTP_5XX),
        (300, Reason.ERROR),
        (999, Reason.ERROR),
    ],
)
def test_a_status_is_told_by_its_reason(status: int, reason: Reason | None) -> None:
    assert reason_of_status(status) is reason
