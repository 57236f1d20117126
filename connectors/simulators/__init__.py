"""Peers to run against when the real ones are out of reach: a DMP, an MSSanté operator, and their test PKI.

They are strict: they judge what they receive on their own, with none of the code that made it, and keep on disk what
they took, so that a demonstration or a test counts on the receiving side. They listen on the loopback only.

In a test or a program::

    from connectors.simulators import Behaviour, DmpSimulator, Kind, MailSimulator, make_pki

    pki = make_pki(directory / "pki")                       # PEM files; made once, then reused
    dmp = DmpSimulator(directory / "dmp", pki)              # port=0: an ephemeral one
    await dmp.start()
    dmp.url                  # https://127.0.0.1:<port>/si-dmp-server/v2/services/  (+ repository, registry, patients)
    dmp.entries              # what it took, one Entry per clinical document; submission-set signatures are not listed
    dmp.submissions_count(unique_id)     # how many times a document was taken; more than 1 is a double
    dmp.deletions(unique_id) # what made it Deleted, with the motive and the VIHF; more than 1 is a double
    dmp.ledger               # Path of the JSON lines; reloaded when started again on the same directory
    dmp.refusals             # (code, text) of everything refused
    dmp.max_per_second       # the most feedings seen within one second
    dmp.set_patient(matricule, "absent")                    # or "closed"; every other patient has an active DMP
    dmp.script.add(Behaviour(Kind.CUT_AFTER_BODY))          # taken, then cut without an answer, for the next feeding
    dmp.script.add(Behaviour(Kind.HTTP_503, at="registry"), times=2)
    dmp.script.chance(Behaviour(Kind.BUSY), probability=0.2, seed=7)
    await dmp.down(); await dmp.up()                        # connection refused, then back on the same port
    await dmp.stop()

    mail = MailSimulator(directory / "mail", pki)
    await mail.start()
    mail.host, mail.port     # STARTTLS and a client certificate are required
    mail.mails               # one Mail per message taken: message_id, unique_ids, recipients, path
    mail.count(message_id), mail.documents_count(unique_id), mail.deletions_count(unique_id)
    mail.mails[0].action, mail.mails[0].notify, mail.mails[0].envelope_id, mail.mails[0].read_receipt
    mail.unknown_mailboxes.add("parti@medecin.mssante.example")
    mail.script.add(Behaviour(Kind.REFUSE, code="450", text="4.2.0 Boite pleine", at="rcpt"))

`pki` names files: `pki.ca`, `pki.client` (ORG_AUTH_CLI, mutual TLS), `pki.signing` (ORG_SIGN, VIHF and XAdES), and
wrong ones: `pki.expired_client`, `pki.foreign_client` (another CA), `pki.other_signing` (another structure)… each a
`Credential(certificate, key)` of two PEM paths, keys without passphrase. The structure id is `pki.structure_id`.

Mail domains are `mssante.fr` and `mssante.example` with their sub-domains; patient mailboxes are `<15 characters>@`
`patient.mssante.fr` or `patient.mssante.example`.

As a process::

    python -m connectors.simulators --directory DIR [--dmp-port N] [--smtp-port N] [--control-port N]

It prints one JSON line (ports, URL, PKI paths), then runs until SIGTERM. `connectors.simulators.control` describes the
control port.
"""

from connectors.simulators.dmp.simulator import DmpSimulator
from connectors.simulators.mailbox.simulator import MailSimulator
from connectors.simulators.pki import Credential, Pki, make_pki
from connectors.simulators.script import Behaviour, Kind, Script

__all__ = ["Behaviour", "Credential", "DmpSimulator", "Kind", "MailSimulator", "Pki", "Script", "make_pki"]
