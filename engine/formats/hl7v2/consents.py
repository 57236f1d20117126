"""ADT → what the patient answered about their DMP (PAM-FR 2.11, segment ZFA: fields 9 to 12).

Nothing is guessed: a choice that is not in the tables, or two different ones, is no answer at all.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.context import Context, stable_oid
from engine.declarations import Conversion
from engine.exchange import InboundMessage
from engine.findings import Disposition, Finding, disposition
from engine.formats.hl7v2.er7 import Message, Segment
from engine.formats.hl7v2.findings import Mode, hl7_finding
from engine.formats.hl7v2.path import path
from engine.formats.hl7v2.results.conversion import laboratory_of, sender_codes
from engine.formats.hl7v2.results.view.patient import PatientNumber, patient_view
from engine.formats.hl7v2.values import said
from engine.model.consent import Consent, ConsentAnswer, ConsentSubject
from engine.model.directory import Laboratory
from engine.model.parties import INS_OIDS
from engine.model.values import Identifier, Timestamp

DEFAULT_ZONE = "Europe/Paris"
"""Of a site whose laboratories name none, or several."""
_CHANNEL = "pam"
_TESTS = frozenset({"T", "D"})
_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+\Z")
_DATE = re.compile(r"([0-9]{4,14})(?:\.[0-9]{1,4})?([+-][0-9]{4})?\Z")
_SKEW = timedelta(hours=1)
"""What two clocks may differ by without a word."""


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """Where ZFA says one choice, and the words it has for it."""

    subject: ConsentSubject
    place: str
    dated: str
    answers: dict[str, ConsentAnswer]


CHOICES = (
    ChoiceField(
        ConsentSubject.FEEDING,
        "9",
        "10",
        {"INO": ConsentAnswer.YES, "IO": ConsentAnswer.NO, "NA": ConsentAnswer.NOT_COLLECTED},
    ),
    ChoiceField(
        ConsentSubject.CONSULTATION,
        "11",
        "12",
        {"IC": ConsentAnswer.YES, "INC": ConsentAnswer.NO, "NA": ConsentAnswer.NOT_COLLECTED},
    ),
)


def convert(parsed: Message, message: InboundMessage, context: Context, judged: tuple[Finding, ...]) -> Conversion:
    """The answers of an ADT; none where one of the findings already made refuses it, or where a test reaches an
    installation of production. Never raises on bad input.

    ZFA-9/10 opposition to feeding · ZFA-11/12 consent to consultation · PID-3 patient · PV1-19, else PID-18 episode ·
    EVN-5 who collected it. A date without a zone is of the site's.
    """
    if disposition(judged) is Disposition.REFUSE:
        return Conversion((), judged)
    if context.production and said(parsed, "MSH-11.1").upper() in _TESTS:
        mode = Mode(context.strictness)
        return Conversion((), (*judged, hl7_finding("hl7v2.consent_in_test", path("MSH-11"), mode).finding()))
    laboratory = laboratory_of(parsed.segments[0], message.sender, context)
    zone = _zone(laboratory, context)
    patient_ids = _patient_ids(parsed, message, laboratory)
    made = tuple(_consents(parsed, zone, patient_ids)) if patient_ids else ()
    return Conversion((), (*judged, *_remarks(parsed, zone, context)), consents=made)


def given(parsed: Message) -> bool:
    """Whether it says any choice of the patient, be it that none was collected."""
    return any(answers(parsed, field) for field in CHOICES)


def answers(parsed: Message, field: ChoiceField) -> tuple[tuple[Segment, ConsentAnswer], ...]:
    """The known answers to one choice, each with its segment; more than one only where ZFA is repeated."""
    known = ((one, answer(one, field)) for one in parsed.all("ZFA"))
    return tuple((segment, found) for segment, found in known if found is not None)


def answer(choices: Segment, field: ChoiceField) -> ConsentAnswer | None:
    """What one ZFA says (CWE-1); None where it says nothing, several things, or no word of the table."""
    sent = choices.field(int(field.place))
    filled = [one for one in sent.repetitions if one.text.strip()] if sent is not None else []
    code = filled[0].component(1) if len(filled) == 1 else None
    return None if code is None else field.answers.get(code.text.strip().upper())


def period(sent: str, zone: zoneinfo.ZoneInfo) -> tuple[datetime, datetime | None] | None:
    """First and last instant of a date as precise as it was sent; no last one for a date to the second. None when it
    is no date. A day alone begins at 00:00 of the zone."""
    match = _DATE.match(sent)
    if match is None:
        return None
    digits, offset = match.groups()
    try:
        begins = (Timestamp(digits + offset) if offset else Timestamp.local(digits, zone)).instant(zone)
        return begins, _end(begins, len(digits))
    except (ValueError, OverflowError):
        return None


def usable_numbers(pid: Segment | None) -> tuple[PatientNumber, ...]:
    """PID-3 without what does not name this patient alone: the mother's numbers, social security, an INS whose kind is
    not known (no OID), INS-C."""
    if pid is None:
        return ()
    view = patient_view(pid)
    return tuple(one for one in view.numbers if _is_usable(one, view.mother_numbers))


def _is_usable(number: PatientNumber, mothers: frozenset[str]) -> bool:
    if number.value in mothers or number.is_national or number.is_old_ins or "\ufffd" in number.value:
        return False
    return not number.is_ins or bool(INS_OIDS & {number.oid, number.authority})


def _consents(parsed: Message, zone: zoneinfo.ZoneInfo, patient_ids: tuple[Identifier, ...]) -> Iterator[Consent]:
    episode = said(parsed, "PV1-19.1") or said(parsed, "PID-18.1")
    for field in CHOICES:
        found = answers(parsed, field)
        if len({one for _, one in found}) != 1:
            continue
        segment, known = found[-1]
        begins, until = period(said(segment, f"{field.dated}.1"), zone) or (None, None)
        yield Consent(
            subject=field.subject,
            answer=known,
            collected_at=begins,
            patient_ids=patient_ids,
            episode=episode,
            collected_until=until,
            author=said(parsed, "EVN-5.1"),
            channel=_CHANNEL,
        )


def _remarks(parsed: Message, zone: zoneinfo.ZoneInfo, context: Context) -> Iterator[Finding]:
    """What depends on who we are and on the present hour."""
    mode = Mode(context.strictness)
    for field in CHOICES:
        for segment, found in answers(parsed, field):
            if (field.subject, found) == (ConsentSubject.FEEDING, ConsentAnswer.NOT_COLLECTED):
                yield hl7_finding("hl7v2.consent_not_collected", segment.path(field.place), mode).finding()
            dated = period(said(segment, f"{field.dated}.1"), zone)
            if dated is not None and dated[0] > context.received_at + _SKEW:
                yield hl7_finding("hl7v2.consent_date_future", segment.path(field.dated), mode).finding()
    numbers = usable_numbers(parsed.first("PID"))
    pid = parsed.first("PID")
    if pid is not None and not any(_named_oid(one) for one in numbers):
        yield hl7_finding("hl7v2.consent_local_number", pid.path("3"), mode).finding()


def _patient_ids(parsed: Message, message: InboundMessage, laboratory: Laboratory | None) -> tuple[Identifier, ...]:
    header = parsed.segments[0]
    site = said(header, "4.1") or said(header, "3.1") or message.source
    declared = laboratory is not None and bool(set(sender_codes(header)) & set(laboratory.sender_codes))
    numbers = usable_numbers(parsed.first("PID"))
    found = (Identifier(_root(one, laboratory, declared, site), one.value) for one in numbers)
    return tuple(dict.fromkeys(found))


def _root(number: PatientNumber, laboratory: Laboratory | None, declared: bool, site: str) -> str:
    """CX-4 when it is an OID; else, as in its reports, the laboratory's own numbers, or a root of the authority's name
    there; else of its name at that site. Two authorities never have the same one: the requester's is never supposed."""
    if (oid := _named_oid(number)) is not None:
        return oid
    names = {one for one in (number.authority, number.oid) if one}
    if laboratory is not None and (names & set(laboratory.sender_codes) or (declared and not names)):
        return laboratory.patient_ids_oid
    if laboratory is not None and names:
        return stable_oid("patients", laboratory.oid, number.oid or number.authority)
    return stable_oid("patients of", site, number.authority, number.oid)


def _named_oid(number: PatientNumber) -> str | None:
    return next((one for one in (number.oid, number.authority) if _OID.match(one)), None)


def _zone(laboratory: Laboratory | None, context: Context) -> zoneinfo.ZoneInfo:
    """The sender's when it is known, else the only one of the site."""
    names = {one.time_zone for one in context.laboratories}
    shared = names.pop() if len(names) == 1 else DEFAULT_ZONE
    return zoneinfo.ZoneInfo(laboratory.time_zone if laboratory is not None else shared)


def _end(begins: datetime, digits: int) -> datetime | None:
    """The last instant of the year, month, day, hour or minute that begins then."""
    if digits == 14:
        return None
    if digits == 4:
        after = begins.replace(year=begins.year + 1)
    elif digits == 6:
        after = begins.replace(year=begins.year + begins.month // 12, month=begins.month % 12 + 1)
    else:
        after = begins + {8: timedelta(days=1), 10: timedelta(hours=1), 12: timedelta(minutes=1)}[digits]
    return after - timedelta(microseconds=1)
