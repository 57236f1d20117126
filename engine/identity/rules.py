"""What the identity rules say of an identity: one line per code, in the words of who manages identities (RNIV)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.findings import Disposition, Finding, Severity

_CHECK = "Vérifiez l'identité du patient auprès de l'émetteur ou du patient avant toute publication."
_INSI = "Récupérez l'identité auprès du téléservice INSi ; ne ressaisissez jamais un matricule."


@dataclass(frozen=True, slots=True)
class Rule:
    severity: Severity
    disposition: Disposition
    message: str
    remedy: str = ""


def _refused(message: str, remedy: str = _CHECK) -> Rule:
    return Rule(Severity.ERROR, Disposition.HOLD, message, remedy)


def _warned(message: str, remedy: str = _CHECK) -> Rule:
    return Rule(Severity.WARNING, Disposition.PUBLISH, message, remedy)


def _noted(message: str, remedy: str = "") -> Rule:
    return Rule(Severity.INFO, Disposition.PUBLISH, message, remedy)


RULES: Mapping[str, Rule] = {
    # -- the matricule and the traits beside it
    "identity.ins_sex": _warned("Le matricule INS et le sexe du patient ne concordent pas."),
    "identity.ins_birth": _warned("Le matricule INS et la date de naissance du patient ne concordent pas."),
    "identity.ins_birth_place": _noted(
        "Le lieu de naissance inscrit dans le matricule INS n'est pas le code transmis.",
        "Une commune fusionnée ou un territoire qui a changé de code l'expliquent souvent ; sinon vérifiez l'identité.",
    ),
    "identity.cog_malformed": _warned(
        "Le code du lieu de naissance n'a pas la forme d'un code officiel géographique.",
        "Transmettez le code INSEE de la commune (99xxx à l'étranger), jamais le code postal.",
    ),
    "identity.first_name_not_in_list": _warned(
        "Le premier prénom de naissance n'est pas le début de la liste des prénoms."
    ),
    # -- retrieval and verification by the INSi teleservice
    "identity.insi_forbidden": _refused(
        "Une identité douteuse ou fictive n'interroge pas le téléservice INSi.",
        "Levez d'abord l'attribut, une fois l'identité éclaircie.",
    ),
    "identity.insi_none": _noted(
        "Le téléservice INSi n'a trouvé aucune identité.", "Corrigez les critères de recherche, puis recommencez."
    ),
    "identity.insi_several": _noted(
        "Le téléservice INSi a trouvé plusieurs identités.",
        "Ajoutez les autres prénoms, puis le code du lieu de naissance, et recommencez.",
    ),
    "identity.insi_unknown_answer": _refused(
        "Le téléservice INSi a répondu par un code inconnu : l'identité ne change pas.", "Recommencez plus tard."
    ),
    "identity.insi_incomplete": _refused(
        "La réponse du téléservice INSi est incomplète ({traits}) : elle n'est pas intégrée.",
        "Recommencez avec d'autres critères ; à défaut, l'identité reste sans INS.",
    ),
    "identity.insi_matricule": _refused(
        "Le matricule reçu du téléservice INSi est mal formé ou sa clé est fausse.", _INSI
    ),
    "identity.insi_oid": _refused("L'OID reçu du téléservice INSi n'est ni celui d'un NIR ni celui d'un NIA.", _INSI),
    "identity.test_in_production": _refused(
        "Une identité de test ou de démonstration ne s'emploie pas en production.", "Retirez cette identité de test."
    ),
    "identity.insi_traits_differ": _refused(
        "Les traits reçus du téléservice INSi diffèrent de ceux du dossier ({traits}) : ils ne sont pas intégrés.",
        "Comparez avec le patient et sa pièce d'identité, puis confirmez qu'il s'agit de la même personne.",
    ),
    "identity.matricule_changed": _warned(
        "Le téléservice INSi a donné un autre matricule que celui du dossier.",
        "Vérifiez qu'il s'agit de la même personne ; l'ancien matricule reste à l'historique.",
    ),
    "identity.insi_refuted": _warned(
        "Le téléservice INSi ne confirme pas cette identité : son matricule est retiré.", _INSI
    ),
    # -- checking a document
    "identity.document_forbidden": _refused(
        "Une identité douteuse ou fictive ne peut pas être validée.", "Levez d'abord l'attribut."
    ),
    "identity.document_not_high_trust": _refused(
        "Cette pièce n'est pas un dispositif d'identification à haut niveau de confiance.",
        "Demandez une carte nationale d'identité, un passeport ou un titre de séjour.",
    ),
    "identity.document_disagrees": _refused(
        "La pièce d'identité ne concorde pas avec les traits du dossier.",
        "Corrigez les traits, ou déclarez l'identité douteuse.",
    ),
    "identity.document_traits_missing": _refused("Il manque un trait strict pour valider l'identité ({traits})."),
    "identity.document_to_check_again": _warned(
        "Un trait strict a changé depuis le contrôle de la pièce d'identité : l'identité n'est plus validée.",
        "Contrôlez de nouveau une pièce d'identité.",
    ),
    # -- strict traits
    "identity.traits_locked": _refused(
        "Les traits stricts sont verrouillés et ne peuvent pas être remplacés par une simple mise à jour ({traits}).",
        "Si la correction est voulue, déverrouillez l'identité : elle redeviendra provisoire et perdra son matricule.",
    ),
    "identity.requalify": _warned(
        "Un trait strict a changé ({traits}) : le matricule est retiré et l'identité redevient provisoire.",
        "Récupérez et validez de nouveau l'identité.",
    ),
    # -- attributes
    "identity.attributes_conflict": _refused(
        "Ces attributs d'identité ne se cumulent pas : seuls « homonyme » et « douteux » vont ensemble.",
        "Retirez un attribut avant de poser l'autre.",
    ),
    "identity.made_provisional": _warned(
        "L'identité est déclarée douteuse ou fictive : elle redevient provisoire et son matricule est retiré."
    ),
    # -- identities received with a document
    "identity.ins_unverified": _noted(
        "L'INS reçu n'est couvert par aucun contrat de confiance : il attend d'être vérifié.",
        "Vérifiez l'identité auprès du téléservice INSi, ou enregistrez le contrat signé avec cette source.",
    ),
    "identity.received_traits_missing": _warned(
        "L'identité est dite qualifiée sans tous ses traits stricts ({traits}) : elle attend d'être vérifiée."
    ),
    "identity.received_ins_invalid": _refused(
        "Le matricule INS reçu est mal formé, ou son OID n'est pas admis.", _INSI
    ),
    # -- what a datamatrix needs
    "identity.datamatrix_not_qualified": _refused(
        "Le datamatrix INS est réservé aux identités qualifiées.", "Récupérez et validez d'abord l'identité."
    ),
    "identity.datamatrix_trait": _refused(
        "Le datamatrix INS ne peut pas être produit : {traits} absent ou hors format."
    ),
}


def finding(code: str, *, where: str = "", line: int | None = None, **words: str) -> Finding:
    """The finding of a code; `words` fill its message and never hold patient data."""
    rule = RULES[code]
    message = rule.message.format(**words) if words else rule.message
    return Finding(code, rule.severity, where, message, rule.remedy, "identity", rule.disposition, line=line)
