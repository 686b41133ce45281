"""The certificate of the tests' own TLS server: self-signed, for ``localhost``, trusted by nobody else."""

from __future__ import annotations

import ssl
from pathlib import Path

_PEM = Path(__file__).with_name("localhost.pem")


def server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_PEM)
    return context


def trusted_file() -> str:
    """For a client that trusts this certificate and nothing else."""
    return str(_PEM)
