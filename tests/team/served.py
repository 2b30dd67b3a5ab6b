"""A company that is served on loopback, for tests with real clients."""

from __future__ import annotations

import socket
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import uvicorn
from accrete_team import patience, tenants
from accrete_team.app import application
from accrete_team.patience import Patience
from accrete_team.registry import Registry
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from accrete.database import Database
from tests.patience import until


def free_port() -> int:
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        return int(each.getsockname()[1])


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for loopback that signs itself, and its key."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "accrete.test")])
    here = x509.IPAddress(ip_address("127.0.0.1"))
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([here]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ))  # fmt: skip
    return paths


class Served:
    """A server with one company, `acme`; what `a_person` and `in_team` need of one."""

    def __init__(self, home: Path, *, tls: bool = False, limits: Patience | None = None) -> None:
        self.registry = Registry(home)
        if self.registry.find("acme") is None:
            tenants.create(self.registry, "acme")
        self.port = free_port()
        self.scheme = "https" if tls else "http"
        self.bodies: list[bytes] = []
        self.certificate, key = certificate(home) if tls else (None, None)
        self.app = application(self.registry)
        config = patience.config(
            self._noting(self.app), limits, port=self.port,
            ssl_certfile=self.certificate, ssl_keyfile=key,
        )  # fmt: skip
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        until(lambda: self.server.started)

    def _noting(self, app):
        """The application, which notes the bodies that come to it."""

        async def noted(scope, receive, send):
            whole = bytearray()

            async def taken():
                message = await receive()
                if message["type"] == "http.request":
                    whole.extend(message.get("body", b""))
                    if not message.get("more_body") and whole:
                        self.bodies.append(bytes(whole))
                return message

            await app(scope, taken if scope["type"] == "http" else receive, send)

        return noted

    @property
    def base(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/c/acme"

    def database(self, name: str = "acme") -> closing[Database]:
        return closing(tenants.open_company(self.registry.find("acme")))

    def close(self) -> None:
        self.server.should_exit = True
        self.thread.join(5)
