from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from atlas.kernel import egress
from tests.wire.certificate import server_context, trusted_file
from tests.wire.server import Answer, WireServer

QUICK = egress.Limits(seconds=0.4, body_bytes=10_000, redirects=3)


@pytest.fixture
def site(settings: Settings) -> Iterator[WireServer]:
    settings.EGRESS_ALLOW_LOOPBACK = True
    with WireServer() as server:
        yield server


def test_an_answer_comes_whole_with_its_facts(site: WireServer) -> None:
    site.answers("/terms", body=b"<p>Terms</p>", headers={"Content-Type": "Text/HTML; Charset=UTF-8", "X-One": "1"})
    answer = egress.get(site.url("/terms"))
    assert (answer.status, answer.body, answer.final_url) == (200, b"<p>Terms</p>", site.url("/terms"))
    assert (answer.media_type, answer.charset, answer.headers["x-one"]) == ("text/html", "utf-8", "1")
    assert (answer.address, answer.redirects, answer.bytes_received) == ("127.0.0.1", (), 12)
    assert answer.timings.connect_ms is not None
    assert answer.timings.total_ms >= 0


def test_an_error_status_is_an_answer_too(site: WireServer) -> None:
    site.answers("/gone", status=410, body=b"gone")
    answer = egress.get(site.url("/gone"))
    assert (answer.status, answer.body) == (410, b"gone")


def test_a_missing_content_type_is_told_as_none(site: WireServer) -> None:
    site.answers("/", body=b"x")
    answer = egress.get(site.url())
    assert (answer.media_type, answer.charset) == ("", None)


def test_we_say_who_we_are(site: WireServer, settings: Settings) -> None:
    settings.USER_AGENT = "ConductAtlas/1.0 (+https://example.org/about/)"
    site.answers("/", body=b"x")
    egress.get(site.url(), headers={"Accept": "text/html"})
    headers = site.asked[0].headers
    assert headers["user-agent"] == "ConductAtlas/1.0 (+https://example.org/about/)"
    assert headers["accept"] == "text/html"


def test_only_the_named_ports_of_this_machine_are_allowed(site: WireServer, settings: Settings) -> None:
    site.answers("/", body=b"x")
    settings.EGRESS_LOOPBACK_PORTS = [site.port]
    assert egress.get(site.url()).status == 200
    settings.EGRESS_LOOPBACK_PORTS = [site.port + 1]
    with pytest.raises(egress.AddressRefused):
        egress.get(site.url())


def test_a_session_that_hung_up_opens_another_connection(site: WireServer) -> None:
    site.answers("/", body=b"x")
    with egress.session() as session:
        session.get(site.url())
        session.hang_up()
        session.get(site.url())
    assert site.asked[0].connection != site.asked[1].connection


def test_a_session_keeps_its_connection(site: WireServer) -> None:
    site.answers("/", body=b"x")
    with egress.session() as session:
        first, second = session.get(site.url()), session.get(site.url())
    assert site.asked[0].connection == site.asked[1].connection
    assert first.timings.dns_ms is not None
    assert second.timings.dns_ms is None


def test_a_kept_connection_that_the_server_closed_is_made_anew(site: WireServer) -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
    site.answers("/", Answer(raw=whole), Answer(body=b"y"))
    with egress.session() as session:
        session.get(site.url())
        assert session.get(site.url()).body == b"y"


def test_proxy_variables_are_not_followed(site: WireServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    site.answers("/", body=b"x")
    assert egress.get(site.url()).body == b"x"


def test_connections_end_with_the_session(settings: Settings) -> None:
    settings.EGRESS_ALLOW_LOOPBACK = True
    with socket.create_server(("127.0.0.1", 0)) as listening:
        seen: list[bytes] = []
        thread = threading.Thread(target=answer_once_and_listen, args=(listening, seen))
        thread.start()
        with egress.session() as session:
            session.get(f"http://127.0.0.1:{listening.getsockname()[1]}/")
            assert thread.is_alive()
        thread.join(10)
    assert seen == [b""]


def answer_once_and_listen(listening: socket.socket, seen: list[bytes]) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.settimeout(20)
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
        seen.append(connection.recv(1))


def test_sessions_one_after_another_know_nothing_of_each_other(site: WireServer) -> None:
    site.answers("/", body=b"x", headers={"Set-Cookie": "track=me"})
    for agent in ("one", "two"):
        with egress.session() as session:
            session.get(site.url(), headers={"X-Agent": agent} if agent == "one" else {})
    first, second = site.asked
    assert first.connection != second.connection
    assert "cookie" not in second.headers
    assert "x-agent" not in second.headers


def test_what_is_posted_arrives_and_the_next_question_is_an_ordinary_one(settings: Settings) -> None:
    settings.EGRESS_ALLOW_LOOPBACK = True
    with socket.create_server(("127.0.0.1", 0)) as listening, egress.session() as session:
        seen: list[bytes] = []
        thread = threading.Thread(target=answer_and_note, args=(listening, seen, 2))
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        session.post(url, content=b"a=1", headers={"Content-Type": "application/x-www-form-urlencoded"})
        session.get(url)
        thread.join(10)
    posted, got = seen
    assert posted.startswith(b"POST / HTTP/1.1\r\n")
    assert posted.endswith(b"\r\n\r\na=1")
    assert b"Content-Type: application/x-www-form-urlencoded\r\n" in posted
    assert b"Expect" not in posted
    assert got.startswith(b"GET / HTTP/1.1\r\n")
    assert b"Content-" not in got


def answer_and_note(listening: socket.socket, seen: list[bytes], times: int) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.settimeout(20)
        for _ in range(times):
            asked = connection.recv(65536)
            while not (asked.endswith(b"\r\n\r\na=1") or asked.startswith(b"GET")):
                asked += connection.recv(65536)
            seen.append(asked)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")


def test_a_post_to_an_address_with_a_password_is_refused(site: WireServer) -> None:
    with egress.session() as session, pytest.raises(egress.AddressRefused):
        session.post("http://user:word@127.0.0.1/", content=b"x")


def test_an_address_in_other_letters_is_asked_for_in_ascii(site: WireServer) -> None:
    site.answers("/f%C3%BCr%20alle", body=b"x")
    answer = egress.get(site.url("/für alle?ja=ö#stelle"))
    assert site.paths_asked() == ["/f%C3%BCr%20alle?ja=%C3%B6"]
    assert answer.final_url == site.url("/f%C3%BCr%20alle?ja=%C3%B6#stelle")


def test_a_line_break_in_a_header_makes_no_other_header(site: WireServer) -> None:
    site.answers("/", body=b"x")
    egress.get(site.url(), headers={"If-None-Match": '"a"\r\nX-Other: 1'})
    assert "x-other" not in site.asked[0].headers


def test_a_fragment_goes_with_a_redirect(site: WireServer) -> None:
    site.redirects("/old", "/new")
    site.answers("/new", body=b"x")
    assert egress.get(site.url("/old#terms")).final_url == site.url("/new#terms")


def test_a_connection_that_the_server_ends_is_not_left_half_open(site: WireServer) -> None:
    site.answers("/", body=b"x", headers={"Connection": "close"})
    with egress.session() as session:
        for _ in range(3):
            session.get(site.url())
        assert session._guard._open == []
    assert len({asked.connection for asked in site.asked}) == 3


# Redirects


def test_redirects_are_followed_and_told(site: WireServer) -> None:
    site.redirects("/old", "/new", status=301)
    site.answers("/new", body=b"here")
    answer = egress.get(site.url("/old"))
    assert (answer.url, answer.final_url, answer.body) == (site.url("/old"), site.url("/new"), b"here")
    assert answer.redirects == (egress.Redirect(301, site.url("/old"), "/new"),)


def test_a_redirect_into_a_private_network_is_refused_unasked(site: WireServer) -> None:
    site.redirects("/old", "http://169.254.169.254/latest/meta-data/")
    with pytest.raises(egress.AddressRefused, match=r"169\.254\.169\.254"):
        egress.get(site.url("/old"))


def test_a_redirect_to_another_scheme_is_refused(site: WireServer) -> None:
    site.redirects("/old", "ftp://127.0.0.1/terms")
    with pytest.raises(egress.AddressRefused, match="neither an http nor an https"):
        egress.get(site.url("/old"))


def test_a_redirect_to_nonsense_is_a_broken_answer(site: WireServer) -> None:
    site.redirects("/old", "http://example.org:notaport/")
    with pytest.raises(egress.BrokenResponse):
        egress.get(site.url("/old"))


def test_a_circle_of_redirects_is_seen_at_its_first_return(site: WireServer) -> None:
    site.redirects("/a", "/b")
    site.redirects("/b", "/a")
    with pytest.raises(egress.RedirectLoop):
        egress.get(site.url("/a"))
    assert site.paths_asked() == ["/a", "/b"]


def test_too_many_redirects_are_a_loop(site: WireServer) -> None:
    for number in range(9):
        site.redirects(f"/{number}", f"/{number + 1}")
    with pytest.raises(egress.RedirectLoop):
        egress.get(site.url("/0"), limits=QUICK)
    assert site.paths_asked() == ["/0", "/1", "/2", "/3"]


def test_a_site_that_sets_a_cookie_and_sends_back_is_no_loop(site: WireServer) -> None:
    site.answers("/", Answer(status=302, headers={"Location": "/", "Set-Cookie": "seen=1"}), Answer(body=b"in"))
    assert egress.get(site.url()).body == b"in"


def test_cookies_end_with_the_request(site: WireServer) -> None:
    site.answers("/", body=b"x", headers={"Set-Cookie": "track=me"})
    with egress.session() as session:
        session.get(site.url())
        session.get(site.url())
    assert "cookie" not in site.asked[1].headers


# Addresses


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://0x7f000001/",
        "http://2130706433/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://169.254.169.254/",
        "http://100.64.0.1/",
        "http://10.0.0.1/",
    ],
)
def test_private_addresses_are_refused_in_every_writing(url: str, settings: Settings) -> None:
    settings.EGRESS_ALLOW_LOOPBACK = False
    with pytest.raises(egress.AddressRefused):
        egress.get(url, limits=QUICK)


def test_allowing_loopback_allows_no_other_private_address(settings: Settings) -> None:
    settings.EGRESS_ALLOW_LOOPBACK = True
    with pytest.raises(egress.AddressRefused):
        egress.get("http://10.0.0.1/", limits=QUICK)


def test_ports_other_than_those_of_the_web_are_refused(settings: Settings) -> None:
    settings.EGRESS_ALLOW_LOOPBACK = True
    with pytest.raises(egress.AddressRefused, match="port 22"):
        egress.get("http://93.184.216.34:22/", limits=QUICK)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "terms", "", "http://", "gopher://example.org/", "http://user:word@127.0.0.1/"]
)
def test_what_is_not_a_plain_web_address_is_refused(url: str, settings: Settings) -> None:
    settings.EGRESS_ALLOW_LOOPBACK = True
    with pytest.raises(egress.AddressRefused):
        egress.get(url)


class Names:
    """A resolver that gives these answers in turn, the last one for ever, and knows which names it was asked."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = answers, list[str]()

    def __call__(self, host: str, port: int, *, type: socket.SocketKind) -> list[tuple[object, ...]]:
        addresses = self.answers[min(len(self.asked), len(self.answers) - 1)]
        self.asked.append(host)
        return [(socket.AF_INET, type, 6, "", (address, port)) for address in addresses]


def test_one_private_address_refuses_the_name(settings: Settings) -> None:
    settings.EGRESS_ALLOW_LOOPBACK = False
    names = Names(["93.184.216.34", "10.0.0.1"])
    with egress.session(resolve=names) as door, pytest.raises(egress.AddressRefused, match=r"10\.0\.0\.1"):
        door.get("http://mixed.example/", limits=QUICK)


def test_a_name_is_resolved_once_and_connected_as_judged(site: WireServer) -> None:
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    site.answers("/", body=b"x")
    with egress.session(resolve=names) as door:
        answer = door.get(site.url(host="rebinding.example"))
    assert (names.asked, answer.address) == (["rebinding.example"], "127.0.0.1")
    assert site.asked[0].headers["host"] == f"rebinding.example:{site.port}"


def test_a_name_without_address_is_a_failure_of_dns() -> None:
    with pytest.raises(egress.DnsFailed):
        egress.get("http://no-such-name.invalid/", limits=QUICK)


def test_a_name_that_no_resolver_takes_is_a_failure_of_dns() -> None:
    with pytest.raises((egress.DnsFailed, egress.AddressRefused)):
        egress.get(f"http://{'a' * 64}.example/", limits=QUICK)


# Failures on the way


def test_nobody_listening_is_a_failure_to_connect(settings: Settings) -> None:
    settings.EGRESS_ALLOW_LOOPBACK = True
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(egress.ConnectFailed):
            egress.get(f"http://127.0.0.1:{port}/")


def test_a_server_that_hangs_up_in_the_middle_is_a_lost_connection(site: WireServer) -> None:
    site.answers("/", raw=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    with pytest.raises(egress.ConnectFailed, match="hung up"):
        egress.get(site.url())


def test_what_is_not_http_is_a_broken_answer(site: WireServer) -> None:
    site.answers("/", raw=b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    with pytest.raises(egress.BrokenResponse):
        egress.get(site.url())


def test_a_server_that_never_answers_times_out(site: WireServer) -> None:
    site.answers("/", silent=True)
    with pytest.raises(egress.TimedOut):
        egress.get(site.url(), limits=QUICK)


def test_a_body_that_drips_does_not_outlast_the_limit(site: WireServer) -> None:
    site.answers("/", endless=b".")
    with pytest.raises(egress.TimedOut):
        egress.get(site.url(), limits=QUICK)


def test_a_certificate_that_nobody_signed_is_a_failure_of_tls(settings: Settings) -> None:
    settings.EGRESS_ALLOW_LOOPBACK = True
    with WireServer(tls=server_context()) as site, pytest.raises(egress.TlsFailed):
        egress.get(site.url(host="localhost"))


def test_a_trusted_certificate_for_another_name_is_a_failure_of_tls(settings: Settings) -> None:
    settings.EGRESS_ALLOW_LOOPBACK = True
    with (
        WireServer(tls=server_context()) as site,
        egress.session(trust=trusted_file()) as session,
        pytest.raises(egress.TlsFailed),
    ):
        session.get(site.url(host="127.0.0.1"))


def test_a_trusted_certificate_is_read_and_timed(settings: Settings) -> None:
    settings.EGRESS_ALLOW_LOOPBACK = True
    with WireServer(tls=server_context()) as site, egress.session(trust=trusted_file()) as session:
        site.answers("/", body=b"secret terms")
        answer = session.get(site.url(host="localhost"))
    assert answer.body == b"secret terms"
    assert answer.timings.tls_ms is not None


def test_plain_http_where_tls_is_expected_is_a_failure_of_tls(site: WireServer) -> None:
    with pytest.raises(egress.TlsFailed):
        egress.get(site.url(host="localhost").replace("http://", "https://"))


# Size


def test_an_announced_size_over_the_limit_is_refused_unread(site: WireServer) -> None:
    site.answers("/", headers={"Content-Length": "10001"}, endless=b".")
    with pytest.raises(egress.TooLarge, match="announces"):
        egress.get(site.url(), limits=QUICK)


def test_a_body_without_end_is_cut_at_the_limit(site: WireServer) -> None:
    site.answers("/", endless=b"x" * 5000)
    with pytest.raises(egress.TooLarge):
        egress.get(site.url(), limits=QUICK)


def test_a_body_of_exactly_the_limit_is_read(site: WireServer) -> None:
    site.answers("/", body=b"x" * 10_000)
    assert len(egress.get(site.url(), limits=QUICK).body) == 10_000


def test_a_compressed_bomb_is_cut_at_the_decoded_size(site: WireServer) -> None:
    bomb = gzip.compress(bytes(2_000_000))
    assert len(bomb) < 10_000
    site.answers("/", body=bomb, headers={"Content-Encoding": "gzip"})
    with pytest.raises(egress.TooLarge):
        egress.get(site.url(), limits=QUICK)


def test_a_compressed_body_is_given_decoded(site: WireServer) -> None:
    packed = gzip.compress(b"terms " * 500)
    site.answers("/", body=packed, headers={"Content-Encoding": "gzip"})
    answer = egress.get(site.url())
    assert (answer.body, answer.bytes_received) == (b"terms " * 500, len(packed))


def test_a_compressed_body_that_lost_its_end_is_broken(site: WireServer) -> None:
    packed = gzip.compress(b"".join(str(number).encode() for number in range(5000)))
    site.answers("/", body=packed[: len(packed) // 2], headers={"Content-Encoding": "gzip"})
    with pytest.raises(egress.BrokenResponse, match="cut off"):
        egress.get(site.url())


# Transactions


@pytest.mark.django_db
def test_nothing_leaves_while_a_transaction_is_open(site: WireServer) -> None:
    site.answers("/", body=b"x")
    with transaction.atomic(), pytest.raises(egress.InsideTransaction):
        egress.get(site.url())
    assert site.asked == []


@pytest.mark.django_db
def test_the_transaction_around_a_test_does_not_count(site: WireServer) -> None:
    assert connection.in_atomic_block
    site.answers("/", body=b"x")
    assert egress.get(site.url()).body == b"x"
