"""An OpenID Connect provider, as a process of its own: discovery, authorize, token, jwks, userinfo.

`python -m tests.wire.openid PORT` serves it. Who is signed in there is said by POST /identity (JSON: the claims); it asks
nobody anything, and sends back at once. It holds the client to the rules: its secret, the address to come back to, PKCE
(S256), each code once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from atlas.demo.processes import free_port

CLIENT_ID, CLIENT_SECRET = "conductatlas", "told to nobody"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Granted:
    """What a code stands for."""

    claims: dict[str, Any]
    redirect_uri: str
    challenge: str


class Provider(BaseHTTPRequestHandler):
    claims: dict[str, Any] = {}
    codes: dict[str, Granted] = {}
    tokens: dict[str, dict[str, Any]] = {}
    asked: list[str] = []
    fault = ""

    @property
    def issuer(self) -> str:
        return f"http://{self.headers['Host']}"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        Provider.asked.append(f"GET {parts.path}")
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/asked":
            self.answer(Provider.asked[:-1])
        elif parts.path == "/.well-known/openid-configuration":
            names = {f"{name}_endpoint": f"{self.issuer}/{name}" for name in ("authorization", "token", "userinfo")}
            supported = {"token_endpoint_auth_methods_supported": ["client_secret_basic"]}
            self.answer({"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks", **names, **supported})
        elif parts.path == "/jwks":
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            self.answer({"keys": [{**key, "kid": "one", "alg": "RS256", "use": "sig"}]})
        elif parts.path == "/authorization":
            self.authorize(asked)
        elif parts.path == "/userinfo":
            claims = Provider.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
            told = {**claims, "sub": "somebody else"} if claims and Provider.fault == "two users" else claims
            self.answer(told or {"error": "invalid_token"}, 200 if told else 401)
        else:
            self.answer({}, 404)

    def authorize(self, asked: dict[str, str]) -> None:
        if (
            asked["client_id"] != CLIENT_ID
            or "openid" not in asked["scope"]
            or asked["code_challenge_method"] != "S256"
        ):
            self.answer({"error": "invalid_request"}, 400)
            return
        code = secrets.token_urlsafe(8)
        Provider.codes[code] = Granted(Provider.claims, asked["redirect_uri"], asked["code_challenge"])
        back = {"error": "access_denied"} if Provider.fault == "refused" else {"code": code}
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({**back, 'state': asked['state']})}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        Provider.asked.append(f"POST {self.path}")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path == "/identity":
            told = json.loads(body)
            Provider.fault = told.pop("fault", "")
            Provider.claims = told
            self.answer({})
        elif self.path == "/token":
            self.exchange({name: values[0] for name, values in parse_qs(body).items()})

    def exchange(self, asked: dict[str, str]) -> None:
        granted = Provider.codes.pop(asked.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        proof = base64.urlsafe_b64encode(hashlib.sha256(asked.get("code_verifier", "").encode()).digest())
        if (
            granted is None
            or self.headers.get("Authorization") != f"Basic {basic}"
            or granted.redirect_uri != asked["redirect_uri"]
            or granted.challenge != proof.decode().rstrip("=")
            or Provider.fault == "no token"
        ):
            self.answer({"error": "invalid_grant"}, 400)
            return
        now, token = int(time.time()), secrets.token_urlsafe(16)
        Provider.tokens[token] = granted.claims
        claims = {**granted.claims, "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300}
        signed = jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "one"})
        self.answer({"access_token": token, "token_type": "Bearer", "expires_in": 300, "id_token": signed})

    def answer(self, data: Any, status: int = 200) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@dataclass(frozen=True)
class OpenIdProvider:
    """The running process, seen from a test."""

    url: str

    def is_signed_in(self, **claims: Any) -> None:
        """Who its user is, by its claims; `fault` lets it misbehave: refused, no token, two users."""
        request = urllib.request.Request(f"{self.url}/identity", data=json.dumps(claims).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=10):
            pass

    def asked(self) -> list[str]:
        """What it was asked so far, as `GET /path`."""
        with urllib.request.urlopen(f"{self.url}/asked", timeout=10) as answer:
            found: list[str] = json.load(answer)
            return found


@contextmanager
def openid_provider() -> Iterator[OpenIdProvider]:
    port = free_port()
    command = [sys.executable, "-m", "tests.wire.openid", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "serving\n"
        yield OpenIdProvider(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Provider)
    sys.stdout.write("serving\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
