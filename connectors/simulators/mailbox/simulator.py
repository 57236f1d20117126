"""The mail peer: SMTP on the loopback, its script, what it took and what it refused."""

from __future__ import annotations

import asyncio
import unicodedata
from pathlib import Path
from weakref import WeakSet

from aiosmtpd.smtp import Session

from connectors.simulators.listener import HOST
from connectors.simulators.mailbox.header_rules import Envelope, is_listed
from connectors.simulators.mailbox.letter import Letter, letter
from connectors.simulators.mailbox.records import Mail, Mails, TakenMail
from connectors.simulators.mailbox.rules import ACTION, Verdict, verdict
from connectors.simulators.mailbox.smtp import DsnEnvelope, Smtp
from connectors.simulators.pki import Pki
from connectors.simulators.problems import Problem
from connectors.simulators.script import Behaviour, Kind, Script
from connectors.simulators.tls import server_context

DOMAINS = frozenset({"mssante.fr", "mssante.example"})
PATIENT_DOMAINS = frozenset({"patient.mssante.fr", "patient.mssante.example"})
_CLOSING = frozenset({Kind.FAULT, Kind.HTTP_503, Kind.HTML_502})
_CUT = frozenset({Kind.CUT_AFTER_BODY, Kind.PARTIAL_ANSWER})


class MailSimulator:
    """An MSSanté operator. `directory` holds what it took and is read again at the next start.

    `domains`: the whitelist, sub-domains included. `size_limit_bytes`: of a whole message (25 MB to patients' boxes).
    `dsn`: gives delivery reports, and says so.
    """

    def __init__(
        self,
        directory: Path,
        pki: Pki,
        *,
        port: int = 0,
        script: Script | None = None,
        production: bool = False,
        domains: frozenset[str] = DOMAINS,
        patient_domains: frozenset[str] = PATIENT_DOMAINS,
        size_limit_bytes: int = 25_000_000,
        dsn: bool = True,
    ) -> None:
        self.script = script or Script()
        self.refusals: list[tuple[str, str]] = []
        """(code, text) of everything refused by judgement or by script, without patient data."""
        self.unknown_mailboxes: set[str] = set()
        """Addresses, in lower case, that answer 550 5.1.1."""
        self.host = HOST
        self.port = port
        self._pki = pki
        self._mails = Mails(directory)
        self._production = production
        self._domains = domains
        self._patient_domains = patient_domains
        self._size_limit = size_limit_bytes
        self._dsn = dsn
        self._server: asyncio.Server | None = None
        self._connections: WeakSet[Smtp] = WeakSet()
        self._server_expired = False

    async def start(self) -> None:
        """Listen on 127.0.0.1."""
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self._connection, HOST, self.port, reuse_address=True)
            self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Cut everything; what was taken stays on disk."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        await asyncio.gather(*(connection.end() for connection in list(self._connections)))
        await server.wait_closed()

    async def down(self) -> None:
        """Refuse connections until `up`."""
        await self.stop()

    async def up(self) -> None:
        """Listen again, on the same port."""
        await self.start()

    async def expire_certificate(self, expired: bool = True) -> None:
        """Present an expired server certificate from now on, or the good one again."""
        self._server_expired = expired

    @property
    def ledger(self) -> Path:
        """JSON lines, one per mail taken."""
        return self._mails.ledger

    @property
    def mails(self) -> tuple[Mail, ...]:
        """Mails taken, oldest first."""
        return self._mails.all

    def count(self, message_id: str) -> int:
        """How many times a message was taken."""
        return sum(mail.message_id == message_id for mail in self.mails)

    def deletions_count(self, unique_id: str) -> int:
        """How many mails asked to destroy a document."""
        return sum(unique_id in mail.unique_ids and mail.action == "D" for mail in self.mails)

    def documents_count(self, unique_id: str) -> int:
        """In how many mails a document was."""
        return sum(unique_id in mail.unique_ids for mail in self.mails)

    def _connection(self) -> Smtp:
        credential = self._pki.expired_server if self._server_expired else self._pki.server
        connection = Smtp(
            self,
            hostname="mss.passeur.invalid",
            ident="MSSante",
            tls_context=server_context(credential, self._pki.ca),
            require_starttls=True,
            data_size_limit=self._size_limit,
            enable_SMTPUTF8=False,
        )
        connection.dsn = self._dsn
        self._connections.add(connection)
        return connection

    # -- aiosmtpd's hooks ---------------------------------------------------------------------------------------

    async def handle_EHLO(
        self, server: Smtp, session: Session, envelope: DsnEnvelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], *(["250-DSN"] if self._dsn else []), responses[-1]]

    async def handle_RCPT(
        self, server: Smtp, session: Session, envelope: DsnEnvelope, address: str, options: list[str]
    ) -> str:
        behaviour = self.script.take("rcpt", main=False)
        if behaviour.kind is not Kind.OK:
            scripted = await self._scripted(behaviour, server)
            if scripted is not None:
                return scripted
        for checked in (envelope.mail_from or "", address):
            if not is_listed(checked, self._domains):
                return self._refuse(Problem("mail.domain", "domaine hors de la liste blanche MSSanté"), "550 5.7.1")
        if envelope.original and envelope.original.lower() != address.lower():
            return self._refuse(Problem("mail.dsn", "ORCPT n'est pas le destinataire"), "501 5.5.4")
        if address.lower() in self.unknown_mailboxes:
            return self._refuse(Problem("mail.mailbox", "boîte aux lettres inconnue"), "550 5.1.1")
        envelope.rcpt_tos.append(address)
        if envelope.original:
            envelope.original_recipients += (envelope.original,)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Smtp, session: Session, envelope: DsnEnvelope) -> str:
        behaviour = self.script.take("data", main=True)
        if behaviour.kind not in _CUT:
            scripted = await self._scripted(behaviour, server)
            if scripted is not None:
                return scripted
        content = envelope.original_content
        assert content is not None
        mail = letter(content)
        who = Envelope(envelope.mail_from or "", tuple(envelope.rcpt_tos))
        found = verdict(
            mail,
            who,
            domains=self._domains,
            patient_domains=self._patient_domains,
            production=self._production,
        )
        if found.problems:
            return self._refuse_all(found)
        self._take(envelope, content, mail, found)
        if behaviour.kind in _CUT:
            await _cut(server)
        if behaviour.kind is Kind.LATE:
            await asyncio.sleep(behaviour.seconds)
        if behaviour.kind is Kind.ANSWER_TWICE:
            await server.push("250 2.0.0 OK")
        return "250 2.0.0 OK"

    # -- judgement ----------------------------------------------------------------------------------------------

    async def _scripted(self, behaviour: Behaviour, server: Smtp) -> str | None:
        """The reply a behaviour asks for; None to go on."""
        match behaviour.kind:
            case Kind.DELAY:
                await asyncio.sleep(behaviour.seconds)
            case Kind.REFUSE:
                code = behaviour.code or "550"
                return self._refuse(Problem("script", behaviour.text or "5.7.1 refus"), code)
            case Kind.BUSY:
                return f"451 {behaviour.text or '4.3.2 service occupe'}"
            case Kind.CERTIFICATE_EXPIRED:
                return self._refuse(Problem("script", "certificat expire"), "535 5.7.8")
            case Kind.CUT_BEFORE_BODY | Kind.CUT_AFTER_BODY_NOT_TAKEN | Kind.CUT_AFTER_BODY | Kind.PARTIAL_ANSWER:
                await _cut(server)
            case kind if kind in _CLOSING:
                await server.push("421 4.3.2 service indisponible")
                await _close(server)
        return None

    def _refuse(self, problem: Problem, code: str) -> str:
        self.refusals.append((problem.code, str(problem)))
        return _reply(code, str(problem))

    def _refuse_all(self, found: Verdict) -> str:
        self.refusals.extend((problem.code, str(problem)) for problem in found.problems)
        return _reply("554 5.6.0", " ; ".join(f"{problem.code} {problem}" for problem in found.problems))

    def _take(self, envelope: DsnEnvelope, content: bytes, mail: Letter, found: Verdict) -> None:
        self._mails.take(
            TakenMail(
                message_id=mail.one("message-id"),
                sender=envelope.mail_from or "",
                recipients=tuple(envelope.rcpt_tos),
                unique_ids=tuple(document.cda.unique_id for document in found.documents),
                sha1=mail.sha1,
                to_patient=any(r.lower().rpartition("@")[2] in self._patient_domains for r in envelope.rcpt_tos),
                notify=envelope.notify,
                envelope_id=envelope.envelope_id,
                returns=envelope.returns,
                original_recipients=envelope.original_recipients,
                reply_to=mail.one("reply-to"),
                read_receipt="disposition-notification-to" in mail.headers,
                ends_talk=mail.one("x-mss-mes") == "FIN",
                action=next((action for d in found.documents for action in d.entry.values(ACTION)), ""),
                message=content,
                files=found.archive.files if found.archive is not None else {},
            )
        )


def _reply(code: str, text: str) -> str:
    """One line of at most 512 octets, ASCII (RFC 5321, 4.5.3.1.5)."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return f"{code} {plain}".encode("ascii", "replace").decode()[:500]


async def _cut(server: Smtp) -> None:
    """Cut the connection; aiosmtpd then cancels this very conversation."""
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()
    await asyncio.Event().wait()


async def _close(server: Smtp) -> None:
    """Close the connection once what was said is sent."""
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.close()
    await asyncio.Event().wait()
