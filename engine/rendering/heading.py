"""What every page says of a document: who made it, of whom it speaks, for whom, which version it is."""

from __future__ import annotations

from engine.context import Software
from engine.model.document import ClinicalDocument, DocumentVersion, Participant
from engine.model.laboratory import LaboratoryReport, Specimen
from engine.model.parties import (
    STRUCTURE_OID,
    BirthPlace,
    Organization,
    Patient,
    Professional,
)
from engine.model.values import Address, PersonName, Telecom
from engine.rendering.french_dates import distinct_dates, french_date
from engine.rendering.identity_block import NATURES, ins_symbol
from engine.rendering.typesetting import Data

NOT_SENT = "non transmis"
_GENDERS = {"F": "Féminin", "M": "Masculin", "UN": "Indéterminé"}
_STRUCTURE_NUMBERS = {"0": "ADELI cabinet", "1": "FINESS", "2": "SIREN", "3": "SIRET", "4": "RPPS-rang"}
_TITLES = {"DR": "Dr", "PR": "Pr", "MC": "Médecin chef", "MG": "Médecin général"}
_CIVILITIES = {"M": "M.", "MME": "Mme"}
_AT_THE_HEAD = 3
"""Parties shown beside the laboratory's name; the others are listed at the end."""
_ROLES = {"REF": "Prescripteur", "INF": "Médecin traitant", "PRF": "Préleveur"}


def heading(
    document: ClinicalDocument, version: DocumentVersion, software: Software, ins_content: str = ""
) -> dict[str, Data]:
    """The data of `page.typ`: the same for a laboratory report and for a text. `ins_content` is the text of the INS
    datamatrix, empty where none is shown."""
    patient = document.patient
    laboratory = producer(document)
    request = _request_number(document)
    parties = _parties(document)
    return {
        "title": document.title,
        "laboratory": _organization(laboratory),
        "custodian": document.custodian.name if document.custodian.name != laboratory.name else "",
        "recipients": [{"roles": " · ".join(roles), "text": text} for text, roles in parties[:_AT_THE_HEAD]],
        "other_recipients": [", ".join(text.split("\n")) for text, _ in parties[_AT_THE_HEAD:]],
        "patient": _identity(patient),
        "patient_line": _patient_line(patient),
        "ins_symbol": ins_symbol(patient, ins_content) if ins_content else {},
        "request": request,
        "facts": _facts(document, request),
        "banners": _banners(document, version),
        "version": _version(version),
        "validation": _validation(document),
        "software": f"{_origin(document)} ({software.name} {software.version})",
    }


def _origin(document: ClinicalDocument) -> str:
    if document.catalogue is not None:
        return "Document mis en page à partir du texte transmis par le logiciel émetteur"
    return "Copie lisible produite à partir du message du laboratoire"


def producer(document: ClinicalDocument) -> Organization:
    """The laboratory that performed the act; the custodian when the performer names none."""
    return document.act.performer.organization or document.custodian


def person(name: PersonName | None) -> str:
    """`Dr Françoise MEDTEST`, as sent: title or civility, first name, family name."""
    if name is None:
        return ""
    title = _TITLES.get(name.suffix or "", "") or _CIVILITIES.get(name.prefix or "", "")
    return " ".join(part for part in (title, name.given, name.family) if part)


def professional(someone: Professional) -> str:
    """Someone's name; that of their structure where no name was sent."""
    return person(someone.name) or (someone.organization.name if someone.organization else "")


def _organization(organization: Organization) -> dict[str, Data]:
    lines = [line for address in organization.addresses[:1] for line in _address(address)]
    lines.extend(filter(None, [" · ".join(_telecom(telecom) for telecom in organization.telecoms)]))
    numbers = []
    identifier = organization.id
    if identifier and identifier.root == STRUCTURE_OID and identifier.extension:
        kind, number = identifier.extension[0], identifier.extension[1:]
        numbers.append(f"{_STRUCTURE_NUMBERS.get(kind, 'Identifiant')} {number}")
    if organization.accreditation and organization.accreditation.extension:
        numbers.append(f"Accréditation COFRAC n° {organization.accreditation.extension}")
    return {"name": organization.name, "lines": lines, "numbers": " · ".join(numbers)}


def _address(address: Address) -> list[str]:
    town = " ".join(part for part in (address.postal_code, address.city) if part)
    return [part for part in (*address.lines, town, address.country) if part and part not in ("FR", "FRA", "FRANCE")]


def _telecom(telecom: Telecom) -> str:
    scheme, separator, rest = telecom.value.partition(":")
    if not separator:
        return telecom.value
    return {"tel": f"Tél. {rest}", "fax": f"Fax {rest}", "mailto": rest}.get(scheme.lower(), telecom.value)


def _parties(document: ClinicalDocument) -> list[tuple[str, list[str]]]:
    """(who, in which roles): participants, then those the report is sent to; somebody named twice stays one."""
    shown: dict[str, list[str]] = {}
    for participant in document.participants:
        _add(shown, participant.professional, _ROLES.get(participant.type_code, "Intervenant"))
    for recipient in document.recipients:
        _add(shown, recipient, "Destinataire")
    return list(shown.items())


def _add(shown: dict[str, list[str]], someone: Professional, role: str) -> None:
    structure = someone.organization.name if someone.organization else ""
    mailboxes = [_telecom(t) for t in someone.telecoms if t.value.lower().startswith("mailto:")]
    text = "\n".join(dict.fromkeys(part for part in (professional(someone), structure, *mailboxes) if part))
    if text and role not in shown.setdefault(text, []):
        shown[text].append(role)


def _identity(patient: Patient) -> list[Data]:
    """Traits of the national identity repository's first two circles, then numbers; the INS only when qualified."""
    rows = [
        ("Nom de naissance", patient.birth_name or NOT_SENT),
        ("Nom utilisé", patient.used_name or ""),
        ("Premier prénom de naissance", patient.first_given_name or NOT_SENT),
        ("Prénoms de naissance", " ".join(patient.birth_given_names)),
        ("Prénom utilisé", patient.used_given_name or ""),
        ("Date de naissance", french_date(patient.birth_time) if patient.birth_time else NOT_SENT),
        ("Sexe", _GENDERS.get(patient.gender or "", patient.gender or NOT_SENT)),
        ("Lieu de naissance", _birth_place(patient.birth_place)),
        ("IPP", ", ".join(dict.fromkeys(id_.extension for id_ in patient.ids if id_.extension))),
    ]
    if patient.ins is not None and patient.ins.qualified:
        rows.append((NATURES.get(patient.ins.oid, "INS"), patient.ins.matricule))
    return [{"label": label, "text": text} for label, text in rows if text]


def _birth_place(place: BirthPlace | None) -> str:
    if place is None:
        return ""
    code = f"code INSEE {place.cog}" if place.cog else ""
    return f"{place.city} ({code})" if place.city and code else place.city or code


def _patient_line(patient: Patient) -> str:
    """Who the page is about, for its foot: names, given name, birth date."""
    used = patient.used_name if patient.used_name != patient.birth_name else None
    if patient.birth_name and used:
        name = f"{used} (nom de naissance {patient.birth_name})"
    else:
        name = patient.birth_name or used or f"nom {NOT_SENT}"
    given = patient.used_given_name or patient.first_given_name or ""
    word = {"F": "née", "M": "né"}.get(patient.gender or "", "né(e)")
    born = f"{word} le {french_date(patient.birth_time)}" if patient.birth_time else f"date de naissance {NOT_SENT}e"
    return f"{' '.join(part for part in (name, given) if part)}, {born}"


def _request_number(document: ClinicalDocument) -> str:
    return document.act.id.extension or "" if document.act.id else ""


def _facts(document: ClinicalDocument, request: str) -> list[Data]:
    samples = specimens(document)
    orders = dict.fromkeys(order.extension for order in document.orders if order.extension)
    rows = [
        ("Demande n°", request),
        ("Prescription n°", ", ".join(orders)),
        ("Prescrit le", distinct_dates([p.time for p in document.participants if _prescribes(p)])),
        ("Prélevé le", distinct_dates([sample.collected for sample in samples])),
        ("Reçu le", distinct_dates([sample.received for sample in samples])),
        ("Validé le", french_date(document.legal_authenticator.time)),
        ("Édité le", french_date(document.created_at)),
    ]
    return [{"label": label, "text": text} for label, text in rows if text]


def _prescribes(participant: Participant) -> bool:
    return participant.type_code == "REF"


def specimens(document: ClinicalDocument) -> list[Specimen]:
    """Every sample of a laboratory report, in its order; none for another body."""
    body = document.body
    if not isinstance(body, LaboratoryReport):
        return []
    return [sample for chapter in body.chapters for act in chapter.acts for sample in act.specimens]


def _version(version: DocumentVersion) -> str:
    told = f"Version {version.number} · document {version.id.root}"
    return told if version.replaces is None else f"{told}, remplace {version.replaces.root}"


def _banners(document: ClinicalDocument, version: DocumentVersion) -> list[Data]:
    body = document.body
    banners = []
    if isinstance(body, LaboratoryReport):
        acts = [act for chapter in body.chapters for act in chapter.acts]
        if acts and all(act.status == "aborted" for act in acts):
            banners.append("COMPTE RENDU ANNULÉ")
        elif body.status == "active" or any(act.status == "active" for act in acts):
            banners.append("COMPTE RENDU PARTIEL : des résultats sont encore attendus")
    if version.replaces is not None:
        what = "DOCUMENT" if document.catalogue is not None else "COMPTE RENDU"
        banners.append(f"ANNULE ET REMPLACE LA VERSION PRÉCÉDENTE DE CE {what}")
    return list(banners)


def _validation(document: ClinicalDocument) -> list[Data]:
    signatures = (document.legal_authenticator, *document.authenticators)
    first = "Validé biologiquement par" if isinstance(document.body, LaboratoryReport) else "Validé par"
    lines = []
    for rank, signature in enumerate(signatures):
        words = first if rank == 0 else "Validé également par"
        unnamed = "un professionnel" if document.catalogue is not None else "un biologiste"
        name = professional(signature.professional) or f"{unnamed} dont le nom n'a pas été transmis"
        lines.append(f"{words} {name}, le {french_date(signature.time)}")
    return list(dict.fromkeys(lines))
