"""What is said of a scan: one line per code, in the words of who holds the scanner. No value read is quoted."""

from __future__ import annotations

from collections.abc import Mapping

from engine.findings import Disposition, Finding, Severity

_AGAIN = "Scannez de nouveau ; si le constat revient, saisissez les valeurs lues sur le document ou la boîte."
_SCANNER = "Réglez le lecteur : disposition de clavier du poste, transmission du caractère GS (29)."

_ERRORS: Mapping[str, tuple[str, str]] = {
    "scan.empty": ("Rien n'a été lu.", _AGAIN),
    "scan.too_long": ("Le texte lu est trop long pour un code à barres.", _AGAIN),
    "scan.not_ins": ("Ce code n'est pas un datamatrix INS.", "Scannez le datamatrix marqué « INS à scanner »."),
    "scan.is_gs1": ("Ce code est celui d'un médicament, pas un datamatrix INS.", "Scannez le datamatrix INS."),
    "scan.is_2ddoc": (
        "Ce code est un 2D-Doc, pas un datamatrix INS.",
        "Scannez le datamatrix marqué « INS à scanner ».",
    ),
    "scan.ins_head": ("L'en-tête du datamatrix INS est incomplet : des signes ont été perdus.", _AGAIN),
    "scan.ins_version": (
        "Cette version du datamatrix INS est inconnue : ses champs ne sont pas interprétés.",
        "Mettez à jour le logiciel.",
    ),
    "scan.ins_unknown_block": ("Une partie du datamatrix INS n'est pas reconnue.", _AGAIN),
    "scan.ins_repeated": ("Le champ « {field} » figure plusieurs fois.", _AGAIN),
    "scan.ins_missing": ("Le champ « {field} » manque.", _AGAIN),
    "scan.ins_field": ("Le champ « {field} » n'a pas la forme attendue.", _AGAIN),
    "scan.ins_key": ("La clé du matricule INS est fausse : un signe au moins a été mal lu.", _AGAIN),
    "scan.ins_old": (
        "Le code porte un ancien INS-C, qui n'est plus admis.",
        "Récupérez l'INS auprès du téléservice INSi.",
    ),
    "scan.ins_oid": ("L'OID du matricule n'est ni celui d'un NIR ni celui d'un NIA.", _AGAIN),
    "scan.ins_date_zero": (
        "La date de naissance comporte un jour ou un mois nul : elle n'est pas reprise.",
        "Récupérez l'identité auprès du téléservice INSi.",
    ),
    "scan.ambiguous": ("Le champ « {field} » peut être lu de plusieurs façons : il n'est pas repris.", _SCANNER),
    "scan.not_gs1": ("Ce code n'est pas un code GS1 de médicament.", "Scannez le datamatrix de la boîte."),
    "scan.is_ins": ("Ce code est un datamatrix INS, pas celui d'un médicament.", "Scannez le datamatrix de la boîte."),
    "scan.gs1_value": ("L'élément ({ai}) n'a pas la forme attendue.", _AGAIN),
    "scan.gs1_repeated": ("L'élément ({ai}) figure plusieurs fois avec des valeurs différentes.", _AGAIN),
    "scan.gs1_key": ("La clé du code article (GTIN) est fausse : un chiffre au moins a été mal lu.", _AGAIN),
    "scan.gs1_date": ("L'élément ({ai}) n'est pas une date possible.", _AGAIN),
    "scan.gs1_uncut": (
        "Le lecteur n'a pas transmis les séparateurs GS, et le code ne peut pas être découpé sans eux.",
        _SCANNER,
    ),
    "scan.gs1_codes_differ": ("Le code CIP national (711) n'est pas celui du code article (01).", _AGAIN),
}
_WARNINGS: Mapping[str, tuple[str, str]] = {
    "scan.keyboard_caps_lock": (
        "Le code a été lu avec « Verr. maj. » enclenché : les lettres ont été rétablies.",
        _SCANNER,
    ),
    "scan.keyboard_qwerty": (
        "Le lecteur est réglé pour un clavier QWERTY, le poste est en AZERTY : les signes ont été rétablis.",
        _SCANNER,
    ),
    "scan.keyboard_azerty": (
        "Le lecteur est réglé pour un clavier AZERTY, le poste est en QWERTY : les signes ont été rétablis.",
        _SCANNER,
    ),
    "scan.separators_lost": (
        "Le lecteur n'a pas transmis un séparateur GS : les champs ont été retrouvés sans ambiguïté.",
        _SCANNER,
    ),
    "scan.prefix": ("Le lecteur ajoute un préfixe ou un suffixe : il a été écarté.", _SCANNER),
    "scan.ins_reserved": (
        "La zone réservée du datamatrix INS n'est pas à zéro : elle n'est pas interprétée.",
        "Mettez à jour le logiciel.",
    ),
    "scan.ins_no_place": ("Le datamatrix INS ne porte pas le code du lieu de naissance.", ""),
    "scan.gs1_unknown": ("Un élément du code n'est pas connu : il a été laissé de côté.", ""),
    "scan.gs1_expired": ("La date de péremption est dépassée.", "N'administrez pas ce produit sans vérification."),
    "scan.gs1_no_gtin": ("Le code ne porte pas de code article (GTIN).", "Saisissez le produit à la main."),
    "scan.gs1_no_cip": (
        "Le code article n'est pas un code CIP français.",
        "Vérifiez le produit, ou saisissez-le à la main.",
    ),
    "scan.gs1_no_lot": ("Le code ne porte pas de numéro de lot.", "Saisissez le lot lu sur la boîte."),
    "scan.gs1_no_expiry": ("Le code ne porte pas de date de péremption.", "Saisissez la date lue sur la boîte."),
}
_NOTES: Mapping[str, tuple[str, str]] = {
    "scan.padding": ("Une valeur était complétée par des espaces : ils ont été écartés.", ""),
    "scan.extra_separator": ("Le code porte un séparateur de trop : il est sans effet.", ""),
    "scan.ins_test": ("L'identité scannée est une identité de test ou de démonstration.", ""),
}


def finding(code: str, *, where: str = "", **words: str) -> Finding:
    """The finding of a code; an error gives no value, a warning gives one to be looked at."""
    for table, severity, then in _TABLES:
        if code in table:
            message, remedy = table[code]
            message = message.format(**words) if words else message
            return Finding(code, severity, where, message, remedy, "scan", then)
    raise KeyError(code)


_TABLES = (
    (_ERRORS, Severity.ERROR, Disposition.HOLD),
    (_WARNINGS, Severity.WARNING, Disposition.PUBLISH),
    (_NOTES, Severity.INFO, Disposition.PUBLISH),
)
CODES = frozenset({*_ERRORS, *_WARNINGS, *_NOTES})
