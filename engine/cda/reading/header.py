"""A ClinicalDocument's header → canonical document, with the numbers it came with.

| ClinicalDocument | ClinicalDocument (model) |
|---|---|
| id, setId, versionNumber, relatedDocument[RPLC]/parentDocument/id | DocumentVersion |
| title, else code/@displayName | title |
| effectiveTime | created_at |
| recordTarget/patientRole | patient |
| author | authors |
| custodian/assignedCustodian/representedCustodianOrganization | custodian |
| legalAuthenticator, authenticator | legal_authenticator, authenticators |
| documentationOf/serviceEvent | act, acts |
| componentOf/encompassingEncounter | encounter |
| participant, informationRecipient, inFulfillmentOf/order/id | participants, recipients, orders |
| confidentialityCode, languageCode | confidentiality, language |
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.cda.reading.elements import all_of, bounds, code, first, identifiers, text, time
from engine.cda.reading.parties import organization, professional
from engine.cda.reading.patient import patient
from engine.cda.xml import Element
from engine.errors import DocumentError
from engine.findings import Disposition, Finding, Severity
from engine.model.document import (
    NORMAL,
    Author,
    Body,
    ClinicalDocument,
    DocumentVersion,
    Encounter,
    Participant,
    ServiceEvent,
    Signature,
)
from engine.model.parties import Professional
from engine.model.values import Code, Identifier, Timestamp

_EVENT = "documentationOf/serviceEvent"
_CUSTODIAN = "custodian/assignedCustodian/representedCustodianOrganization"
_FACILITY = "componentOf/encompassingEncounter/location/healthCareFacility/code"
_NOBODY = Professional(None, None)


@dataclass(frozen=True, slots=True)
class Read:
    """What a header says."""

    document: ClinicalDocument
    version: DocumentVersion
    """Without setId, a document is of the set its first version names by itself: its own id, or that of the document
    it replaces. A version without number is the first one."""
    code: Code


def read(root: Element, type_: str, body: Body) -> Read:
    """The header of a ClinicalDocument; `type_` and `body` are what the document is for this engine.

    Raises DocumentError, with a finding for each part of the minimal header (CI-SIS structuration minimale) that is
    absent or unreadable: without it a document can be neither shared nor sent.
    """
    return _Reader(root).read(type_, body)


class _Reader:
    """One reading; notes what is missing."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.missing: dict[str, str] = {}

    def read(self, type_: str, body: Body) -> Read:
        own = next(iter(identifiers(self.root)), None)
        kind = code(first(self.root, "code"))
        title = text(first(self.root, "title")) or (kind.display or "" if kind else "")
        made = time(first(self.root, "effectiveTime"))
        roles = all_of(self.root, "recordTarget/patientRole")
        custodian, facility = first(self.root, _CUSTODIAN), code(first(self.root, _FACILITY))
        signed = self._signature(first(self.root, "legalAuthenticator"))
        acts = self._acts()
        for what, where, found in (
            ("l'identifiant du document", "id", own),
            ("le type du document", "code", kind),
            ("le titre", "title", title),
            ("la date du document", "effectiveTime", made),
            ("un patient et un seul", "recordTarget", len(roles) == 1),
            ("un auteur", "author", all_of(self.root, "author")),
            ("l'organisme de conservation", "custodian", custodian is not None and text(first(custodian, "name"))),
            ("le responsable du document et la date de sa signature", "legalAuthenticator", signed),
            ("l'acte documenté et sa date de début", f"{_EVENT}/effectiveTime/low", acts),
            ("le secteur d'activité du lieu de prise en charge", _FACILITY, facility),
        ):
            if not found:
                self.missing[where] = what
        if self.missing:
            raise DocumentError("cda.header_incomplete", "L'en-tête du document est incomplet.", findings=self._told())
        assert own and kind and made and custodian is not None and signed and facility
        document = ClinicalDocument(
            type=type_,
            title=title,
            created_at=made,
            patient=patient(roles[0]),
            authors=self._authors(made),
            custodian=organization(custodian),
            legal_authenticator=signed,
            act=acts[0],
            encounter=self._encounter(facility),
            body=body,
            acts=acts[1:],
            authenticators=tuple(
                one for element in all_of(self.root, "authenticator") if (one := self._signature(element)) is not None
            ),
            participants=tuple(_participant(one) for one in all_of(self.root, "participant")),
            recipients=tuple(professional(one) for one in all_of(self.root, "informationRecipient/intendedRecipient")),
            orders=identifiers(self.root, "inFulfillmentOf/order/id"),
            confidentiality=code(first(self.root, "confidentialityCode")) or NORMAL,
            language=_attribute(first(self.root, "languageCode"), "code") or "fr-FR",
        )
        return Read(document, self._version(own), kind)

    def _version(self, own: Identifier) -> DocumentVersion:
        sets = identifiers(self.root, "setId")
        number = _attribute(first(self.root, "versionNumber"), "value")
        replaced = [
            one
            for related in all_of(self.root, "relatedDocument")
            if related.get("typeCode") == "RPLC"
            for one in identifiers(related, "parentDocument/id")
        ]
        known = number.isascii() and number.isdigit() and 0 < len(number) < 9 and int(number) > 0
        return DocumentVersion(
            id=own,
            set_id=next(iter((*sets, *replaced, own))),
            number=int(number) if known else 1,
            replaces=replaced[0] if replaced else None,
        )

    def _authors(self, made: Timestamp) -> tuple[Author, ...]:
        return tuple(
            Author(time(first(one, "time")) or made, professional(first(one, "assignedAuthor")))
            for one in all_of(self.root, "author")
        )

    def _signature(self, element: Element | None) -> Signature | None:
        signed = time(first(element, "time"))
        entity = first(element, "assignedEntity")
        return None if signed is None or entity is None else Signature(signed, professional(entity))

    def _acts(self) -> tuple[ServiceEvent, ...]:
        """The first one is the main one: without its date nothing is known of any."""
        found: list[ServiceEvent] = []
        for event in all_of(self.root, _EVENT):
            start, stop = bounds(first(event, "effectiveTime"))
            if start is None and not found:
                return ()
            entity = first(event, "performer/assignedEntity")
            found.append(
                ServiceEvent(
                    code=code(first(event, "code")),
                    performer=_NOBODY if entity is None else professional(entity),
                    start=start or found[0].start,
                    stop=stop,
                    id=next(iter(identifiers(event)), None),
                    status=_status(event),
                )
            )
        return tuple(found)

    def _encounter(self, facility: Code) -> Encounter:
        element = first(self.root, "componentOf/encompassingEncounter")
        assert element is not None
        start, stop = bounds(first(element, "effectiveTime"))
        responsible = first(element, "responsibleParty/assignedEntity")
        return Encounter(
            facility_type=facility,
            start=start,
            stop=stop,
            id=next(iter(identifiers(element)), None),
            code=code(first(element, "code")),
            responsible=None if responsible is None else professional(responsible),
            location_name=text(first(element, "location/healthCareFacility/location/name")) or None,
        )

    def _told(self) -> tuple[Finding, ...]:
        return tuple(
            Finding(
                "cda.header_incomplete",
                Severity.ERROR,
                where,
                f"Il manque au document {what}.",
                "Faire compléter le document par le logiciel émetteur.",
                layer="volet",
                disposition=Disposition.REFUSE,
            )
            for where, what in self.missing.items()
        )


def _participant(element: Element) -> Participant:
    low, high = bounds(first(element, "time"))
    return Participant(
        type_code=element.get("typeCode") or "",
        professional=professional(first(element, "associatedEntity")),
        time=high or low,
        function=code(first(element, "functionCode")),
    )


def _status(event: Element) -> str | None:
    found = event.find("{*}statusCode")
    return None if found is None else found.get("code")


def _attribute(element: Element | None, name: str) -> str:
    return "" if element is None else (element.get(name) or "").strip()
