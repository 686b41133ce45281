"""The proxy is the browser's only way out: whatever a page does, a server that isn't allowed is never reached."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.browser.reading.site import TERMS, Listener, document_at, page, read_all, script
from tests.wire.server import Answer, WireServer

pytestmark = pytest.mark.django_db

#: What pages do to reach another server; HOST is where they mustn't get.
WAYS = {
    "an image": "new Image().src = 'http://HOST/'",
    "a script": "document.head.append(Object.assign(document.createElement('script'), {src: 'http://HOST/'}))",
    "a frame": "document.body.append(Object.assign(document.createElement('iframe'), {src: 'http://HOST/'}))",
    "fetch": "fetch('http://HOST/', {mode: 'no-cors'})",
    "fetch by TLS": "fetch('https://HOST/', {mode: 'no-cors'})",
    "fetch over a redirect": "fetch('/away', {mode: 'no-cors'})",
    "a beacon": "navigator.sendBeacon('http://HOST/', 'x')",
    "a WebSocket": "new WebSocket('ws://HOST/')",
    "a WebSocket by TLS": "new WebSocket('wss://HOST/')",
    "an EventSource": "new EventSource('http://HOST/')",
    "a worker": "new Worker(URL.createObjectURL(new Blob([`fetch('http://HOST/'); new WebSocket('ws://HOST/')`])))",
    "a shared worker": "new SharedWorker('/worker.js')",
    "a service worker": "navigator.serviceWorker.register('/worker.js')",
    "WebTransport": "new WebTransport('https://HOST/')",
    "WebRTC": (
        "const p = new RTCPeerConnection({iceServers: [{urls: 'stun:HOST'},"
        " {urls: 'turn:HOST?transport=tcp', username: 'a', credential: 'b'}]});"
        " p.createDataChannel('x'); p.createOffer().then(o => p.setLocalDescription(o))"
    ),
    "a preconnection": "link('preconnect')",
    "a prefetch": "link('prefetch')",
    "a look-up": "link('dns-prefetch')",
    "a form in a new window": (
        "const f = Object.assign(document.createElement('form'), {action: 'http://HOST/', method: 'post', target: '_blank'});"
        " document.body.append(f); f.submit()"
    ),
    "another name for this machine": "fetch('http://localhost:PORT/', {mode: 'no-cors'})",
    "an address in another form": "fetch('http://[::ffff:127.0.0.1]:PORT/', {mode: 'no-cors'})",
}


def test_nothing_that_a_page_does_reaches_a_server_inside(site: WireServer, inside: Listener) -> None:
    host = f"127.0.0.1:{inside.port}"
    ways = {name: code.replace("HOST", host).replace("PORT", str(inside.port)) for name, code in WAYS.items()}
    site.redirects("/away", f"http://{host}/")
    worker = f"fetch('http://{host}/'); new WebSocket('ws://{host}/')".encode()
    site.answers("/worker.js", body=worker, headers={"Content-Type": "text/javascript"})
    tries = "".join(f"try {{ {code}; done.push({name!r}) }} catch (e) {{ }}\n" for name, code in ways.items())
    report = "fetch('/reached?' + encodeURIComponent(done.join()))"
    link = (
        "const link = rel => document.head.append(Object.assign(document.createElement('link'), {rel, href: '//HOST'}))"
    )
    link = link.replace("HOST", host)
    late = f"setTimeout(() => app.innerHTML = {TERMS!r}, 2500)"
    site.answers("/terms", script(f"const done = [];\n{link};\n{tries}; {report}; {late}"))
    document = document_at(site.url("/terms"), select=("main",))

    [check] = read_all(document)

    assert check.outcome == "first"
    tried = next(path for path in site.paths_asked() if path.startswith("/reached"))
    assert tried.count("%2C") >= len(WAYS) - 2, "the page could not even try"
    assert inside.arrivals == []


@pytest.mark.parametrize("lead", ["redirect", "script", "refresh"])
def test_page_that_leads_inside_is_refused(site: WireServer, inside: Listener, lead: str) -> None:
    url = f"http://127.0.0.1:{inside.port}/"
    leads = {
        "redirect": Answer(status=302, headers={"Location": url}),
        "script": script(f"location = '{url}'"),
        "refresh": page(f"<meta http-equiv=refresh content='0;url={url}'>"),
    }
    site.answers("/terms", leads[lead])

    [check] = read_all(document_at(site.url("/terms")))

    assert (check.outcome, check.reason) == ("unreachable", "address_refused")
    assert inside.arrivals == []


@pytest.fixture
def busy() -> Iterator[tuple[str, dict[str, int]]]:
    """A site of forty parts, each of which takes a moment, and the most connections that it has had at once."""
    counts: dict[str, int] = defaultdict(int)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            with lock:
                counts["now"] += 1
                counts["most"] = max(counts["most"], counts["now"])

        def finish(self) -> None:
            with lock:
                counts["now"] -= 1
            super().finish()

        def do_GET(self) -> None:
            with lock:
                counts["asked"] += 1
            images = "".join(f"<img src=/part/{number}>" for number in range(40))
            body = f"<title>Terms</title>{images}{TERMS}".encode() if self.path == "/terms" else b"x" * 50_000
            self.send_response(404 if self.path == "/robots.txt" else 200)
            self.send_header("Content-Type", "text/html" if self.path == "/terms" else "image/png")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/terms", counts
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("reading", ["browser", "auto"])
def test_host_never_sees_two_connections_at_once(busy: tuple[str, dict[str, int]], reading: str) -> None:
    url, counts = busy

    [check] = read_all(document_at(url, reading=reading))

    assert check.outcome == "first"
    assert counts["asked"] > (40 if reading == "browser" else 1)
    assert counts["most"] == 1
