"""What the log says of a request: where it went and whose it was, by ids alone."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from structlog.contextvars import clear_contextvars, get_contextvars
from structlog.testing import capture_logs

from atlas.middleware import RequestLogMiddleware

TOKEN = "WzEsMSwic2FtZV9kYXkiXQ:1vNxyz:c2lnbmF0dXJl"


def logged(path: str) -> str:
    request = RequestFactory().get(path, REMOTE_ADDR="192.0.2.7")
    clear_contextvars()
    with capture_logs() as lines:
        RequestLogMiddleware(lambda _: HttpResponse())(request)
    assert {line["event"] for line in lines} == {"request_started", "request_finished"}
    [said] = {line["request"] for line in lines}
    assert "192.0.2.7" not in f"{lines} {get_contextvars()}"
    return str(said)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/platforms/lumen/", "GET /platforms/lumen/"),
        (f"/unsubscribe/{TOKEN}/", "GET /unsubscribe/…/"),
        (f"/unsubscribe/{TOKEN}", "GET /unsubscribe/…"),
        ("/accounts/password/reset/key/1-abcdef/", "GET /accounts/password/reset/key/…-…/"),
        (f"/platforms/lumen/follow/?intent={TOKEN}", "GET /platforms/lumen/follow/"),
        ("/", "GET /"),
    ],
)
def test_log_says_where_a_request_went_without_what_opens_something(path: str, said: str) -> None:
    assert logged(path) == said
