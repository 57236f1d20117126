"""ACK, what a sender that waits is told (HL7 v2.5, 2.9.2 and 2.15; volet "Transmission de document(s)…" 2.1).

AA: understood, and responsibility taken. AE: the content or the syntax is wrong, sending the same again is no use.
AR: refused for a reason that is not the content, or nothing could be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from engine.errors import DocumentError
from engine.findings import Disposition, Finding, Severity
from engine.formats.hl7v2.charset import UTF_8, codec, shown, table_0211
from engine.formats.hl7v2.er7 import Field, Message, Segment
from engine.formats.hl7v2.path import path
from engine.formats.hl7v2.rules import APPLICATION_ERRORS, ERRORS, RULES
from engine.formats.hl7v2.values import said
from engine.formats.hl7v2.writer import Parts, Value, build

LONGEST = 500
"""Characters of ERR-8 and of any value echoed; a sender's log is no place for more."""
MOST = 100
"""ERR segments; the number of other findings is said in one more."""
_OLD = ("2.1", "2.2", "2.3", "2.3.1", "2.4")
"""Versions whose ERR has only ERR-1."""
_LETTERS = {Severity.ERROR: "E", Severity.WARNING: "W", Severity.INFO: "I"}
_ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFO)
_VERSION = "2.5"
"""Said where the sender's could not be read."""
_HEADER = re.compile(rb"MSH[^\r\n]+")


class Answer(StrEnum):
    """MSA-1."""

    ACCEPTED = "AA"
    ERROR = "AE"
    REJECTED = "AR"


def acknowledgement(
    content: bytes,
    findings: Iterable[Finding],
    *,
    control_id: str,
    at: datetime,
    application: str = "",
    facility: str = "",
    answer: Answer | None = None,
    parsed: Message | None = None,
) -> bytes:
    """The ACK of a message, ended by CR, without MLLP marks.

    `findings` are those of `validation.findings` or of a mapping; one that refuses makes it AE, and then each gives one
    ERR. Bytes that are no message give AR. `control_id` is ours (MSH-10); `at` is aware. `application` and `facility`
    name us where the sender did not name its receiver. `answer` overrules MSA-1 (AR: a disk is full).
    """
    header, error = _header(content) if parsed is None else (parsed.first("MSH"), None)
    told = sorted(findings, key=lambda one: _ORDER.index(one.severity))
    if error is not None:
        answer = answer or Answer.REJECTED
        if error.code not in {one.code for one in told}:
            told.insert(0, _as_finding(error))
    if answer is None:
        refused = any(one.disposition is Disposition.REFUSE for one in told)
        answer = Answer.ERROR if refused else Answer.ACCEPTED
    charset = _charset(header)
    msa = ("MSA", str(answer), _echo(header, "10", charset))
    segments: list[Sequence[Value]] = [_msh(header, charset, control_id, at, application, facility), msa]
    if answer is not Answer.ACCEPTED:
        segments += [_err(one, _version(header), charset, fatal=header is None) for one in told[:MOST]]
        if len(told) > MOST:
            segments.append(_others(len(told) - MOST, charset))
    return build(segments, charset=charset)


def expects_answer(content: bytes) -> bool:
    """False for an ACK, for answering one would never end; true for anything else, unreadable bytes included."""
    header, _ = _header(content)
    return header is None or said(header, "9.1") not in {"ACK", "MCF"}


def _as_finding(error: DocumentError) -> Finding:
    rule = RULES[error.code]
    return Finding(error.code, Severity.ERROR, error.where, rule.message, rule.remedy, "format", Disposition.REFUSE)


def _header(content: bytes) -> tuple[Segment | None, DocumentError | None]:
    """MSH of the message, or at least of what begins as one, with the error when it is not a message."""
    try:
        return Message.parse(content).first("MSH"), None
    except DocumentError as error:
        found = _HEADER.search(content)
        try:
            return (None if found is None else Message.parse(found.group()).first("MSH")), error
        except DocumentError:
            return None, error


def _charset(header: Segment | None) -> str:
    """The declared set, for its sender reads it: the bytes may say otherwise."""
    declared = "" if header is None else said(header, "18[1].1")
    name = codec(declared)
    return name if name is not None and table_0211(name) is not None else UTF_8


def _version(header: Segment | None) -> str:
    return (said(header, "12.1") if header is not None else "") or _VERSION


def _msh(
    header: Segment | None, charset: str, control_id: str, at: datetime, application: str, facility: str
) -> list[Value]:
    event = "" if header is None else said(header, "9.2")
    return [
        "MSH",
        _echo(header, "5", charset) or application,
        _echo(header, "6", charset) or facility,
        _echo(header, "3", charset),
        _echo(header, "4", charset),
        at.strftime("%Y%m%d%H%M%S%z"),
        "",
        ("ACK", shown(event, charset), "ACK") if event else ("ACK",),
        control_id,
        _echo(header, "11", charset) or "P",
        _echo(header, "12", charset) or _VERSION,
        *("", "", "", ""),
        "FRA",
        table_0211(charset),
    ]


def _echo(header: Segment | None, place: str, charset: str) -> Value:
    """A field of the sender's MSH as it sent it, in our separators; its first repetition."""
    field = None if header is None else header.field(int(place))
    if field is None or not field.text.strip() or field.size > LONGEST:
        return None
    return _components(field, charset)


def _components(field: Field, charset: str) -> Value:
    components = field.repetitions[0].components
    parts: Parts = tuple(
        tuple(shown(sub.text, charset) for sub in component.subs)
        if len(component.subs) > 1
        else shown(component.text, charset)
        for component in components
    )
    return parts


def _err(one: Finding, version: str, charset: str, *, fatal: bool) -> list[Value]:
    """ERR-2 location · ERR-3 condition · ERR-4 severity · ERR-5 application error · ERR-7 our code · ERR-8 the text."""
    rule = RULES.get(one.code)
    error = rule.error if rule is not None else "207"
    table = "messageErrorCondition"
    erl = _erl(one.where)
    letter = "F" if fatal and one.severity is Severity.ERROR else _LETTERS[one.severity]
    text = f"{one.message} {one.remedy}".strip()[:LONGEST]
    old: Value = (*erl[:3], *("",) * (3 - len(erl[:3])), (error, ERRORS[error])) if version in _OLD else None
    return [
        "ERR",
        old,
        erl,
        (error, ERRORS[error], table),
        letter,
        _application(one, charset),
        "",
        one.code,
        shown(text, charset),
    ]


def _others(count: int, charset: str) -> list[Value]:
    text = f"{count} autres remarques ont été faites sur ce message."
    condition = ("207", ERRORS["207"], "messageErrorCondition")
    return ["ERR", "", "", condition, "I", "", "", "", shown(text, charset)]


def _erl(where: str) -> tuple[str, ...]:
    """The place as an ERL; nothing for an XPath or a place of another format."""
    try:
        return path(where).erl
    except ValueError:
        return ()


def _application(one: Finding, charset: str) -> Value:
    rule = RULES.get(one.code)
    if rule is None or not rule.application:
        return None
    return (rule.application, shown(APPLICATION_ERRORS[rule.application], charset), "applicationErrorCondition")
