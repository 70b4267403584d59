"""A real SMTP server in a thread, with STARTTLS, TLS and sign-in where a test asks for them."""

import email
import email.policy
import ssl
import subprocess

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from tests.stage import free_ports

USER, PASSWORD = "báo cáo", "mật khẩu 1"


class Mailbox:
    """Keeps what it takes. `answers`: what it says to a sender, to a recipient or to a text (None:
    takes it), by "mail", "rcpt:<address>" or "data"; a callable is called, and may take long."""

    def __init__(self):
        self.letters = []  # (recipient, message)
        self.answers = {}

    def _answer(self, server, to):
        answer = self.answers.get(to)
        return answer(server) if callable(answer) else answer

    async def handle_MAIL(self, server, session, envelope, address, options):
        if answer := self._answer(server, "mail"):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if answer := self._answer(server, f"rcpt:{address}"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if answer := self._answer(server, "data"):
            return answer
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.letters += [(each, message) for each in envelope.rcpt_tos]
        return f"250 OK: queued as {len(self.letters)}"


class MailHouse:
    """`port`; a server may stop and start again at the same one."""

    def __init__(self, folder, *, way="none", auth=False):
        self.box = Mailbox()
        [self.port] = free_ports(1)
        self._way, self._auth = way, auth
        self._tls = certificate(folder) if way != "none" else None
        self._controller = None

    def start(self):
        def allowed(server, session, envelope, mechanism, data):
            known = data.login == USER.encode() and data.password == PASSWORD.encode()
            return AuthResult(success=known, handled=False)

        more = {}
        if self._auth:
            more = {"authenticator": allowed, "auth_required": True}
            more["auth_require_tls"] = self._way == "starttls"
        if self._way == "starttls":
            more |= {"tls_context": self._tls, "require_starttls": True}
        house = self

        class Here(Controller):
            def factory(self):
                return SMTP(house.box, hostname="mail.test", **more)

        self._controller = Here(
            self.box,
            hostname="127.0.0.1",
            port=self.port,
            ssl_context=self._tls if self._way == "tls" else None,
        )
        self._controller.start()
        return self

    def stop(self):
        if self._controller:
            self._controller.stop()
            self._controller = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def certificate(folder):
    """A server's TLS with a certificate that nobody trusts."""
    cert, key = folder / "mail.pem", folder / "mail.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-out", str(cert), "-keyout", str(key)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context
