"""What each specification asks of each field, as data: required, forbidden, allowed values, by flow and edition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.formats.hl7v2.validation.profile import Flow


@dataclass(frozen=True, slots=True)
class Check:
    """One field of one kind of segment."""

    scope: str
    """A segment name, a role (`PRT:RCT`), or what an OBX is (`document`, `flag`, `body`, `context`)."""
    place: str
    values: tuple[str, ...] = ()
    """Allowed ones, case aside; none: any value does."""
    code: str = "hl7v2.value"
    """Of the finding when the value is another one."""
    optional: bool = False
    """True where only a wrong value is a fault."""
    missing: str = "hl7v2.required"
    """Code of the finding when there is no value."""
    since: tuple[int, int] = (0, 0)
    before: tuple[int, int] = (99, 0)
    """Editions of the volet it holds for: from `since`, before `before`."""
    types: frozenset[str] = frozenset()
    """MSH-9.1 it holds for; none: all."""
    folded: frozenset[str] = field(init=False)
    """`values` in capitals."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "folded", frozenset(one.upper() for one in self.values))


@dataclass(frozen=True, slots=True)
class Count:
    """How many segments of a name a message, or each of its requests, has."""

    segment: str
    least: int = 1
    most: int | None = 1
    missing: str = "hl7v2.segment_missing"
    repeated: str = "hl7v2.segment_repeated"
    since: tuple[int, int] = (0, 0)
    before: tuple[int, int] = (99, 0)
    types: frozenset[str] = frozenset()
    each_request: bool = False


_MDM = frozenset({"MDM"})
_ORU = frozenset({"ORU", "OUL"})
_V2, _V21 = (2, 0), (2, 1)
_CHARSETS = ("UNICODE UTF-8", "8859/15")
_YES_NO = ("expandedYes-NoIndicator", "HL70136")
_ROLES = ("SB", "RCT", "REPLY")

_ANY_HEADER = (
    Check("MSH", "7"),
    Check("MSH", "9.1"),
    Check("MSH", "10"),
    Check("MSH", "11.1", ("P", "T", "D"), "hl7v2.processing"),
    Check("MSH", "12.1"),
)
_HEADER = (
    *(Check("MSH", place) for place in ("3", "4", "5", "6")),
    *_ANY_HEADER,
    Check("MSH", "17", ("FRA",)),
    Check("MSH", "18", _CHARSETS),
    Check("MSH", "21.1"),
)
_FORBIDDEN_IN_PID = ("2", "4", "9", "10", "12", "19", "20", "22", "28")
"""PAM-FR 2.11."""
_PATIENT = (
    Check("PID", "3.1", missing="hl7v2.no_patient_id"),
    Check("PID", "5.1"),
    Check("PID", "32"),
    *(Check("PID", place, code="hl7v2.forbidden", optional=True, values=("",)) for place in _FORBIDDEN_IN_PID),
)
_VISIT = (Check("PV1", "2"),)
_ORDER = (
    Check("ORC", "1", ("NW", "RO", "CA"), "hl7v2.action", missing="hl7v2.action"),
    Check("OBR", "4.1"),
    Check("OBR", "4.3", missing="hl7v2.coding_system"),
)
_TXA = (
    Check("TXA", "1", ("1",)),
    Check("TXA", "2.1"),
    Check("TXA", "3", ("TEXT",)),
    Check("TXA", "12.1"),
)
_DOCUMENT = (
    Check("document", "1"),
    Check("document", "2.1", ("ED",)),
    Check("document", "3.1"),
    Check("document", "3.3", missing="hl7v2.coding_system"),
    Check("document", "5.1", ("",), "hl7v2.forbidden", optional=True),
    Check("document", "5.2", ("TEXT",)),
    Check("document", "5.3", ("XML",)),
    Check("document", "5.4", ("BASE64",), "hl7v2.encoding_not_base64"),
    Check("document", "5.5", missing="hl7v2.no_content"),
    Check("document", "11", ("F", "C", "D"), "hl7v2.action", missing="hl7v2.action"),
)
_FLAG = (
    Check("flag", "2", ("CE",), types=_ORU),
    Check("flag", "2", ("CWE",), types=_MDM),
    Check("flag", "11", ("F",)),
)
_PRT = (
    Check("PRT", "2", ("UC",)),
    Check("PRT", "4.1", _ROLES),
)

CHECKS: Mapping[Flow, tuple[Check, ...]] = {
    Flow.TRANSMISSION: (
        *_HEADER,
        Check("EVN", "2", types=_MDM),
        *_PATIENT,
        *_VISIT,
        Check("ORC", "1", _ORDER[0].values, "hl7v2.action", missing="hl7v2.action", since=_V21),
        Check("OBR", "4.1"),
        Check("OBR", "4.3", missing="hl7v2.coding_system"),
        *_TXA,
        Check("TXA", "17", ("AU",), since=_V21),
        Check("TXA", "17", ("AU", "LA"), before=_V21),
        *_DOCUMENT,
        *_FLAG,
        Check("flag", "3.3", ("MetaDMPMSS",), missing="hl7v2.coding_system"),
        Check("flag", "5.3", _YES_NO, missing="hl7v2.coding_system"),
        Check("body", "2", ("ED",)),
        Check("body", "5.4", ("BASE64",), "hl7v2.encoding_not_base64"),
        Check("body", "11", ("F",)),
        *_PRT,
        Check("PRT", "4.3", ("participation", "HL70912"), missing="hl7v2.coding_system", since=_V2),
    ),
    Flow.DELIVERY: (
        *_HEADER,
        Check("EVN", "2"),
        *_PATIENT,
        Check("PV1", "2", ("N",)),
        *_ORDER,
        *_TXA,
        Check("TXA", "17", ("AU",)),
        *_DOCUMENT,
        *_FLAG,
        Check("flag", "3.3", ("MetaDMPMSS",), missing="hl7v2.coding_system"),
        Check("flag", "5.3", _YES_NO, missing="hl7v2.coding_system"),
        Check("context", "3.1"),
        Check("context", "5.4", ("BASE64",), "hl7v2.encoding_not_base64"),
        Check("context", "11", ("F",)),
        *_PRT,
        Check("PRT", "4.3", ("participation", "HL70912"), missing="hl7v2.coding_system"),
        Check("PRT:SB", "15.4", missing="hl7v2.no_address"),
    ),
    Flow.RESULTS: (
        *_ANY_HEADER,
        Check("PID", "3.1", missing="hl7v2.no_patient_id"),
        Check("PID", "5.1"),
        Check("OBR", "4.1"),
        Check("OBX", "3.1"),
    ),
    Flow.ADMISSION: (
        *_ANY_HEADER,
        Check("MSH", "17", ("FRA",)),
        Check("MSH", "18", _CHARSETS),
        Check("EVN", "1", ("",), "hl7v2.forbidden", optional=True),
        Check("EVN", "2"),
        *_PATIENT,
        Check("ZBE", "1.1"),
        Check("ZBE", "2"),
        Check("ZBE", "3", ("",), "hl7v2.forbidden", optional=True),
        Check("ZBE", "4", ("INSERT", "UPDATE", "CANCEL")),
        Check("ZBE", "5", ("Y", "N")),
        Check("ZBE", "9"),
        *(Check("ZFA", place, ("",), "hl7v2.forbidden", optional=True) for place in "45678"),
    ),
    Flow.BUSINESS_ANSWER: (
        *_HEADER,
        Check("EVN", "2"),
    ),
    Flow.ACKNOWLEDGEMENT: (
        *_ANY_HEADER,
        Check("MSA", "1", ("AA", "AE", "AR", "CA", "CE", "CR"), "hl7v2.answer", missing="hl7v2.answer"),
        Check("MSA", "2"),
    ),
    Flow.UNKNOWN: _ANY_HEADER,
}

_ONE_PATIENT = Count("PID", missing="hl7v2.no_patient", repeated="hl7v2.several_patients")

COUNTS: Mapping[Flow, tuple[Count, ...]] = {
    Flow.TRANSMISSION: (
        Count("EVN", types=_MDM),
        _ONE_PATIENT,
        Count("PV1", types=_MDM),
        Count("PV1", missing="hl7v2.no_visit", types=_ORU),
        Count("ORC", since=_V21, each_request=True),
        Count("OBR", since=_V21, each_request=True),
        Count("TXA", types=_MDM),
    ),
    Flow.DELIVERY: (
        Count("EVN"),
        _ONE_PATIENT,
        Count("PV1"),
        Count("ORC", each_request=True),
        Count("OBR", each_request=True),
        Count("TXA"),
    ),
    Flow.RESULTS: (
        _ONE_PATIENT,
        Count("OBR", most=None),
        Count("OBX", most=None, missing="hl7v2.no_result"),
    ),
    Flow.ADMISSION: (Count("EVN"), _ONE_PATIENT, Count("PV1")),
    Flow.BUSINESS_ANSWER: (Count("EVN"),),
    Flow.ACKNOWLEDGEMENT: (Count("MSA"),),
    Flow.UNKNOWN: (),
}
