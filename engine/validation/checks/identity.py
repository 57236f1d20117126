"""The national identity (INS): form and key of the matricule, agreement with the sex and the birth date sent.

The matricule is the NIR or NIA: sex (1), year and month of birth (2 + 2), département (2, `2A` and `2B` in Corsica),
commune (3), order (3), key (2) = 97 − (the first 13 digits modulo 97), 2A counting as 19 and 2B as 18 (INSEE, NIR).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from engine.findings import Finding
from engine.model.parties import INS_OIDS, INS_TEST_OIDS
from engine.validation.checks.remark import Say, doubt, error, warning
from engine.validation.document import NS

INS_C = "1.2.250.1.213.1.4.2"
_ARC = "1.2.250.1.213.1.4."
_FORM = re.compile(r"^[1-478]\d{4}(?:\d{2}|2[AB])\d{6}\d{2}$")
_SEXES = {"1": "M", "2": "F", "3": "M", "4": "F", "7": "M", "8": "F"}
_KNOWN_MONTHS = frozenset(f"{month:02}" for month in range(1, 13))
"""Others (20, 30 to 42, 50 and more) stand for a civil record that is incomplete."""


def national_identity(cda: etree._Element) -> Iterator[Finding]:
    """ClinicalDocument/recordTarget/patientRole/id. Nothing is quoted."""
    for role in cda.iterfind("cda:recordTarget/cda:patientRole", NS):
        national = [element for element in role.findall("cda:id", NS) if element.get("root") in INS_OIDS]
        if len(national) > 1:
            yield error(
                "ins_repeated",
                national[1],
                "Le patient porte plusieurs matricules INS.",
                "N’envoyer qu’une identité INS.",
            )
        for element in national:
            yield from _matricule(element, role)
        yield from _other_roots(role)


def key_is_right(matricule: str) -> bool:
    """True when the two last digits are the key of the thirteen first; the form must be right."""
    body = matricule[:13].replace("2A", "19").replace("2B", "18")
    return int(matricule[13:]) == 97 - int(body) % 97


def _matricule(element: etree._Element, role: etree._Element) -> Iterator[Finding]:
    matricule = element.get("extension") or ""
    if not _FORM.match(matricule):
        yield error(
            "ins_form",
            element,
            "Le matricule INS n’a pas la forme attendue : 15 caractères, clé comprise.",
            "Renvoyer le matricule tel que le téléservice INSi l’a donné, clé comprise.",
        )
        return
    if not key_is_right(matricule):
        yield _say(element)(
            "ins_key",
            element,
            "La clé du matricule INS est fausse : un chiffre au moins est erroné.",
            "Récupérer de nouveau l’identité auprès du téléservice INSi ; ne jamais ressaisir le matricule.",
        )
    yield from _agreement(element, matricule, role)


def _say(element: etree._Element) -> Say:
    """A matricule in doubt holds the document; one of the test OIDs is fictitious, and only remarked upon."""
    return warning if element.get("root") in INS_TEST_OIDS else doubt


def _agreement(element: etree._Element, matricule: str, role: etree._Element) -> Iterator[Finding]:
    """A matricule that contradicts the traits may be another patient's."""
    say = _say(element)
    remedy = "Vérifier l’identité du patient avant tout envoi, puis récupérer l’INS auprès du téléservice INSi."
    gender = role.find("cda:patient/cda:administrativeGenderCode", NS)
    sex = gender.get("code") if gender is not None else None
    if sex in ("F", "M") and sex != _SEXES[matricule[0]]:
        yield say("ins_sex", element, "Le matricule INS et le sexe du patient ne concordent pas.", remedy)
    birth = role.find("cda:patient/cda:birthTime", NS)
    digits = (birth.get("value") or "") if birth is not None else ""
    year, month = matricule[1:3], matricule[3:5]
    wrong_year = len(digits) >= 4 and digits[2:4] != year
    wrong_month = len(digits) >= 6 and month in _KNOWN_MONTHS and digits[4:6] != month
    if wrong_year or wrong_month:
        yield say(
            "ins_birth", element, "Le matricule INS et la date de naissance du patient ne concordent pas.", remedy
        )


def _other_roots(role: etree._Element) -> Iterator[Finding]:
    for element in role.findall("cda:id", NS):
        root = element.get("root") or ""
        if root == INS_C:
            yield error(
                "ins_c",
                element,
                "Le patient est désigné par un ancien INS-C, qui n’est plus admis.",
                "Retirer cet identifiant ; envoyer l’INS issue du téléservice INSi si elle est qualifiée.",
            )
        elif root.startswith(_ARC) and root not in INS_OIDS:
            yield warning(
                "ins_oid",
                element,
                "Cet identifiant du patient porte un OID de la branche INS autre que ceux du NIR, du NIA et de test.",
                "Vérifier l’OID : .8 pour un NIR, .9 pour un NIA, .10 et .11 en test seulement.",
            )
