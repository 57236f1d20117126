"""Certificates that an examination calls for (LGC.CSE.09): said when its report is validated, and again until the
certificate is made or set aside. It never keeps the report from leaving. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from engine.catalogue.child_exams import Certificate, child_exam
from engine.findings import Finding, Severity

SENT_WITHIN = timedelta(days=8)
"""Time the law leaves from the examination to the sending of its certificate."""
REMINDED = frozenset({Certificate.CS9, Certificate.CS24})
"""Those that are reminded by default; the one of the eighth day is the maternity's."""


@dataclass(frozen=True, slots=True)
class DoneExam:
    """An examination of which the report was validated."""

    rank: int
    on: date


@dataclass(frozen=True, slots=True)
class SettledCertificate:
    """A certificate that was made, or that the professional set aside."""

    certificate: Certificate
    on: date
    dismissed: bool = False


@dataclass(frozen=True, slots=True)
class CertificateDue:
    """Event `certificate_due`."""

    certificate: Certificate
    exam: int
    """Rank."""
    exam_on: date
    deadline: date
    """Last day for it to be sent."""
    age_limit: date | None
    """Day the child passes the age of the examination; None where the birth date is not wholly known."""

    def late(self, today: date) -> bool:
        return today > self.deadline


def certificates_due(
    exams: Iterable[DoneExam],
    birth: date | None,
    settled: Iterable[SettledCertificate],
    reminded: frozenset[Certificate] = REMINDED,
) -> tuple[CertificateDue, ...]:
    """Those still due, soonest first; one for each certificate, by its first examination.

    A child has one certificate of each kind: whenever it was made, or set aside, it is due no more. Raises
    DocumentError on a rank that the calendar of its day does not have.
    """
    closed = {one.certificate for one in settled}
    due: dict[Certificate, CertificateDue] = {}
    for done in sorted(exams, key=lambda one: (one.on, one.rank)):
        exam = child_exam(done.rank, done.on)
        certificate = exam.certificate
        if certificate is None or certificate in closed or certificate not in reminded:
            continue
        limit = exam.closes.reached_on(birth) if birth is not None else None
        due.setdefault(certificate, CertificateDue(certificate, done.rank, done.on, done.on + SENT_WITHIN, limit))
    return tuple(sorted(due.values(), key=lambda one: (one.deadline, one.certificate)))


def due_finding(due: CertificateDue) -> Finding:
    """The event as a remark on the report: it informs, and holds nothing."""
    months = due.certificate.removeprefix("CS")
    words = f"le certificat de santé {due.certificate} (examen n° {due.exam}) est à faire"
    remedy = (
        f"Envoyez le certificat du {months}e {'jour' if due.certificate is Certificate.CS8 else 'mois'} au service de "
        "PMI dans les 8 jours qui suivent l'examen, ou écartez ce rappel."
    )
    return Finding("childhood.certificate_due", Severity.INFO, "exam", words, remedy, "childhood")
