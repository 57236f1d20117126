"""The finding codes of a results message: severity, default disposition, French words.

Three areas: `hl7v2` (the message itself), `identity` (the patient), `mapping` (what is made of the content). The codes
of the last two are those of the other formats, for a laboratory's policy to hold whatever it sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.findings import Disposition, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table. `message` and `remedy` are French, with `{words}` that hold no patient data."""

    severity: Severity
    disposition: Disposition
    message: str
    remedy: str
    may_override: bool
    """False where no laboratory may loosen it ("never" rules)."""


def _refuse(message: str, remedy: str) -> Rule:
    return Rule(Severity.ERROR, Disposition.REFUSE, message, remedy, False)


def _hold(message: str, remedy: str, *, may_override: bool = True) -> Rule:
    return Rule(Severity.ERROR, Disposition.HOLD, message, remedy, may_override)


def _warn(message: str, remedy: str = "") -> Rule:
    return Rule(Severity.WARNING, Disposition.PUBLISH, message, remedy, True)


def _note(message: str, remedy: str = "") -> Rule:
    return Rule(Severity.INFO, Disposition.PUBLISH, message, remedy, True)


_RESEND = "Demandez au laboratoire de renvoyer le message complet."
_LAB_TABLE = "Complétez la table de correspondance du laboratoire, puis rejouez le message."
_CHECK = "Vérifiez avec le laboratoire, puis rejouez ou libérez le document."
_IDENTITY_REMEDY = "Faites compléter l'identité par le laboratoire."

_MESSAGE: Mapping[str, Rule] = {
    "hl7v2.unknown_sender": _refuse(
        "L'émetteur du message (MSH-3, MSH-4) n'est pas un laboratoire connu de cette installation.",
        "Déclarez le code émetteur du laboratoire dans la configuration, puis rejouez le message.",
    ),
    "hl7v2.sender_not_declared": _hold(
        "Le code émetteur (MSH-3, MSH-4) n'est pas déclaré pour le laboratoire que cette source désigne.",
        "Vérifiez qui a envoyé le message, puis ajoutez ce code à la configuration du laboratoire.",
    ),
    "hl7v2.test_mode": _warn(
        "Le message est marqué comme un essai : il ne part vers aucune destination réelle.",
        "Aucune action si l'essai est voulu.",
    ),
    "hl7v2.processing_unknown": _hold("Le mode de traitement (MSH-11) est inconnu : production ou essai ?", _CHECK),
    "hl7v2.continued_elsewhere": _refuse(
        "Le message n'est que la suite ou le début d'un autre (MSH-14, DSC) : il n'est pas entier.", _RESEND
    ),
    "hl7v2.document_flow": _refuse(
        "Le message de résultats transporte aussi un document CDA : rien n'en est publié.",
        "Envoyez le document selon le volet « Transmission de document(s) CDA-R2 en HL7v2 » (MSH-21).",
    ),
    "hl7v2.delivery_flow": _refuse(
        "Le message remet à un logiciel métier un document venu de la messagerie : Passeur ne tient pas de dossier.",
        "Adressez ce message au dossier du patient ; pour faire envoyer un document, utilisez le volet « Transmission "
        "de document(s) CDA-R2 en HL7v2 » (MSH-21).",
    ),
    "hl7v2.nothing_to_publish": _note("Message {kind} compris : il ne contient aucun compte rendu à publier."),
    "hl7v2.patient_without_request": _warn("Ce patient n'a aucune demande (OBR) : rien à publier pour lui."),
    "hl7v2.before_patient": _refuse(
        "Un segment {name} se trouve avant tout patient (PID) : segments en désordre.", _RESEND
    ),
    "hl7v2.result_before_request": _refuse(
        "Un résultat (OBX) n'appartient à aucune demande (OBR) : rien n'est publié de ce message.", _RESEND
    ),
    "hl7v2.segment_out_of_place": _warn("Un segment {name} n'est pas à sa place : il n'est pas repris."),
    "hl7v2.segment_not_carried": _note("Le segment {name} n'a pas de place dans le compte rendu."),
    "hl7v2.field_not_carried": _note("Le champ {field} est rempli mais n'a pas de place dans le compte rendu."),
    "hl7v2.comment_misplaced": _hold(
        "Un commentaire (NTE) ne peut être rattaché à aucun patient avec certitude.", _CHECK
    ),
    "hl7v2.invalid_time": _warn("Le champ {field} ne contient pas une date lisible ; il n'est pas repris.", _CHECK),
    "hl7v2.attachment_unassigned": _hold(
        "Un PDF accompagne un message de plusieurs comptes rendus : il ne peut pas leur être rattaché.", _CHECK
    ),
    "hl7v2.attachment_unused": _warn("Un fichier joint n'est pas repris dans le compte rendu."),
}

_REQUEST: Mapping[str, Rule] = {
    "hl7v2.request_number_missing": _hold(
        "Aucun numéro de demande n'est transmis (ORC-4, OBR-3, ORC-3) : le compte rendu n'a pas de clé.",
        "Faites renseigner OBR-3 par le laboratoire.",
        may_override=False,
    ),
    "hl7v2.request_of_two_patients": _hold(
        "Le même numéro de demande est porté par deux patients du message.", _CHECK, may_override=False
    ),
    "hl7v2.numbers_differ": _hold(
        "Le numéro du laboratoire n'est pas le même dans ORC-3 et dans OBR-3 ; celui d'OBR-3 est suivi.", _CHECK
    ),
    "hl7v2.request_status_missing": _warn("Le statut de la demande (OBR-25) est absent ; il est déduit des résultats."),
    "hl7v2.request_status_unsure": _hold(
        "Le statut de la demande (OBR-25) est absent et les résultats ne disent pas tous le leur.", _CHECK
    ),
    "hl7v2.request_not_verified": _hold(
        "La demande est annoncée comme non vérifiée (OBR-25) alors que des résultats sont dits définitifs.",
        "Attendez l'envoi validé, ou vérifiez avec le laboratoire.",
        may_override=False,
    ),
    "hl7v2.request_not_validated": _warn(
        "La demande n'a encore aucun résultat validé : rien à publier.", "Attendez l'envoi validé."
    ),
    "hl7v2.request_without_result": _note("La demande n'a pas encore de résultat : rien à publier."),
    "hl7v2.final_request_without_result": _hold("La demande est terminée mais ne contient aucun résultat.", _CHECK),
    "hl7v2.order_not_known": _hold(
        "Le laboratoire répond qu'il ne connaît pas cette demande ou ce patient (OBR-25).", _CHECK, may_override=False
    ),
    "hl7v2.order_status_differs": _warn(
        "La demande est en cours d'après ORC-5 et terminée d'après OBR-25 ; OBR-25 est suivi.", _CHECK
    ),
    "hl7v2.status_contradiction": _hold(
        "La demande est annulée d'après ORC ou OBR-25, et des résultats sont pourtant dits définitifs.",
        _CHECK,
        may_override=False,
    ),
    "hl7v2.status_unknown": _hold("Statut inconnu « {status} ».", _CHECK),
    "hl7v2.not_validated": _hold(
        "Le compte rendu n'est pas entièrement validé.",
        "Attendez l'envoi validé, ou autorisez les comptes rendus partiels pour ce laboratoire.",
        may_override=False,
    ),
    "hl7v2.partial_published": _note("Compte rendu partiel : seuls les résultats validés sont publiés."),
    "hl7v2.cancelled": _hold(
        "Le compte rendu est annulé par le laboratoire ou le prescripteur.",
        "Décidez s'il faut retirer le compte rendu déjà publié.",
    ),
    "hl7v2.confidential": _hold(
        "La demande est marquée confidentielle (ORC-28).",
        "Décidez de la visibilité du compte rendu avant toute publication.",
        may_override=False,
    ),
    "hl7v2.isolate_ambiguous": _hold(
        "L'antibiotique {code} ne peut pas être rattaché à un germe avec certitude.", _CHECK
    ),
    "hl7v2.isolate_by_order": _note(
        "Des antibiotiques sans numéro (OBX-4) sont rattachés au seul germe de la demande."
    ),
    "hl7v2.level_one": _note(
        "Le laboratoire n'a envoyé qu'un PDF ou un texte : document de niveau 1, où le prélèvement et les "
        "renseignements cliniques de la demande ne sont pas repris."
    ),
}

_RESULT: Mapping[str, Rule] = {
    "hl7v2.result_not_published": _note("Résultat {code} non validé (statut {status}) : il n'est pas publié."),
    "hl7v2.no_result_meant": _note(
        "La ligne {code} (statut {status}) n'est pas un résultat : elle n'est pas reprise dans le compte rendu."
    ),
    "hl7v2.result_status_missing": _hold(
        "Le résultat {code} n'a pas de statut (OBX-11) : rien ne dit qu'il est validé.",
        "Faites renseigner OBX-11 par le laboratoire.",
    ),
    "hl7v2.confirmed_without_value": _hold(
        "Le résultat {code} est confirmé sans que sa valeur soit renvoyée (statut U).",
        "Vérifiez que la valeur déjà connue est la bonne, puis libérez le document.",
    ),
    "hl7v2.posted_as_wrong": _hold(
        "Le laboratoire retire le résultat {code} comme erroné, peut-être celui d'un autre patient (statut W).",
        "Décidez s'il faut retirer le compte rendu déjà publié.",
        may_override=False,
    ),
    "hl7v2.access_restricted": _hold("L'accès à un résultat est restreint par le laboratoire (OBX-13).", _CHECK),
    "hl7v2.value_missing": _hold("Le résultat {code} est vide alors qu'il n'est ni annulé ni en attente.", _CHECK),
    "hl7v2.value_missing_explained": _warn("Le résultat {code} est vide ; un commentaire l'accompagne."),
    "hl7v2.value_type_unknown": _warn(
        "Le type de valeur du résultat {code} (OBX-2) est absent ou inconnu : lu comme du texte."
    ),
    "hl7v2.value_type_mismatch": _warn("Le résultat {code} est annoncé numérique mais ne l'est pas : rendu en texte."),
    "hl7v2.reference_pointer": _refuse(
        "Le résultat {code} est un renvoi vers un fichier extérieur (type RP) : son contenu n'est pas dans le message.",
        "Demandez au laboratoire d'envoyer le document lui-même (type ED, PDF en base64).",
    ),
    "hl7v2.repeated_value": _warn("Le résultat {code} porte plusieurs valeurs : elles sont rendues en texte."),
    "hl7v2.second_value_code": _note(
        "La valeur du résultat {code} porte un second code : il n'a pas de place dans le compte rendu."
    ),
    "hl7v2.repeated_test": _warn(
        "L'analyse {code} est rendue plusieurs fois dans la demande : la dernière est retenue."
    ),
    "hl7v2.repeated_test_differs": _hold(
        "L'analyse {code} est rendue plusieurs fois avec des valeurs différentes : toutes sont reprises.", _CHECK
    ),
    "hl7v2.test_missing": _hold("Un résultat n'a ni code ni libellé d'analyse (OBX-3).", _CHECK),
    "hl7v2.test_code_missing": _warn("Un résultat n'a pas de code d'analyse (OBX-3.1)."),
    "hl7v2.test_name_missing": _warn("Le résultat {code} n'a pas de libellé (OBX-3.2) : son code en tient lieu."),
    "hl7v2.decimal_comma": _note("La valeur du résultat {code} porte une virgule décimale : lue comme un point."),
    "hl7v2.spaces_in_number": _note("Des espaces dans le nombre du résultat {code} ont été retirés."),
    "hl7v2.unit_not_escaped": _note("Une unité contient un séparateur non échappé (« ^ ») : elle a été lue d'un bloc."),
    "hl7v2.range_unreadable": _note("Les valeurs de référence de {code} ne sont pas un intervalle : rendues en texte."),
    "hl7v2.range_reversed": _warn("Les valeurs de référence de {code} sont inversées : rendues en texte."),
    "hl7v2.attachment_invalid": _hold("Le document joint {code} n'est pas un PDF lisible.", _CHECK),
    "hl7v2.attachment_not_carried": _hold(
        "Le document joint {code} n'est pas un PDF : il ne peut pas être porté par le compte rendu.", _CHECK
    ),
    "hl7v2.several_pdf": _hold("Plusieurs PDF accompagnent la demande : seul le dernier est porté.", _CHECK),
}

_IDENTITY: Mapping[str, Rule] = {
    "identity.name_missing": _hold("Le nom du patient est absent.", _IDENTITY_REMEDY),
    "identity.given_name_missing": _hold("Le prénom du patient est absent.", _IDENTITY_REMEDY),
    "identity.birth_name_missing": _note(
        "Le nom de naissance (PID-5, type L) n'est pas transmis ; le nom utilisé n'en tient pas lieu.",
        "Faites transmettre le nom de naissance par le laboratoire.",
    ),
    "identity.given_names_unsure": _warn(
        "La liste des prénoms de naissance ne commence pas par le premier prénom : elle n'est pas reprise.",
        "Faites corriger l'identité par le laboratoire.",
    ),
    "identity.name_damaged": _hold(
        "Un caractère du nom ou du prénom du patient n'a pas pu être lu.",
        "Faites renvoyer le message dans le jeu de caractères déclaré.",
        may_override=False,
    ),
    "identity.name_kind_not_carried": _note("Un nom de type {kind} est transmis : il n'est pas repris."),
    "identity.birth_date_missing": _hold("La date de naissance est absente.", _IDENTITY_REMEDY),
    "identity.birth_date_invalid": _hold(
        "La date de naissance n'est pas une date complète et possible.",
        "Faites corriger l'identité par le laboratoire.",
    ),
    "identity.birth_date_in_future": _hold(
        "La date de naissance est postérieure à la réception du message.", "Faites corriger l'identité."
    ),
    "identity.gender_missing": _hold("Le sexe du patient est absent.", _IDENTITY_REMEDY),
    "identity.gender_unknown": _hold("Le code du sexe transmis est inconnu.", "Faites corriger l'identité."),
    "identity.gender_undetermined": _note("Le sexe du patient est transmis comme indéterminé."),
    "identity.mother_ids": _note("Un identifiant du patient est celui de sa mère (PID-21) : il n'est pas porté."),
    "identity.nir_not_carried": _note("Un numéro de sécurité sociale est transmis : il n'est jamais repris."),
    "identity.local_id_missing": _hold("Le patient n'a aucun identifiant local (PID-3).", _CHECK),
    "identity.ins_type_refused": _note("Un identifiant de type {kind} n'est plus un INS : il n'est pas repris."),
    "identity.ins_oid_unknown": _warn("Le matricule INS n'est pas repris : son OID est absent ou inconnu."),
    "identity.ins_oid_mismatch": _warn("Le matricule INS n'est pas repris : son type et son OID se contredisent."),
    "identity.ins_not_qualified": _note(
        "Le matricule INS reçu n'est pas une identité qualifiée : il ne part pas.",
        "Qualifiez l'identité (INSi et pièce d'identité), puis rejouez le message.",
    ),
    "identity.qualified_without_traits": _warn(
        "L'identité est dite validée (PID-32) sans tous ses traits ({traits}) : elle n'est pas tenue pour qualifiée.",
        _IDENTITY_REMEDY,
    ),
    "identity.doubtful": _hold(
        "L'identité du patient est annoncée comme douteuse, fictive ou anonyme (PID-32).",
        "Vérifiez l'identité du patient avant toute publication.",
        may_override=False,
    ),
    "identity.ins_differs": _hold(
        "Le matricule INS reçu diffère de celui de l'identité qualifiée connue.", _CHECK, may_override=False
    ),
    "identity.several_ins": _hold("Plusieurs matricules INS différents sont transmis.", _CHECK, may_override=False),
    "identity.traits_differ": _hold(
        "L'identité transmise diffère de l'identité qualifiée connue pour cet identifiant ({traits}).",
        "Vérifiez l'identité du patient avant toute publication.",
        may_override=False,
    ),
    "identity.traits_incomplete": _note(
        "L'identité qualifiée connue n'a pas pu être comparée : il manque un trait strict ({traits})."
    ),
}

_MAPPING: Mapping[str, Rule] = {
    "mapping.unmapped_code": _warn("Le code local {code} n'est relié à aucun code LOINC.", _LAB_TABLE),
    "mapping.unmapped_unit": _warn(
        "L'unité « {unit} » du résultat {code} n'est reliée à aucune unité UCUM.", _LAB_TABLE
    ),
    "mapping.unit_contradicts": _hold(
        "L'unité « {unit} » du résultat {code} n'est pas celle que la table du laboratoire lui donne : rendu en texte.",
        _LAB_TABLE,
    ),
    "mapping.loinc_differs": _warn(
        "Le code LOINC envoyé avec {code} diffère de celui de la table du laboratoire ; la table est suivie.", _CHECK
    ),
    "mapping.unmapped_value": _note(
        "La valeur codée du résultat {code} n'est reliée à aucun code officiel.", _LAB_TABLE
    ),
    "mapping.unmapped_specimen": _note("Le prélèvement {code} n'est relié à aucun type officiel.", _LAB_TABLE),
    "mapping.unmapped_flag": _note(
        "L'indicateur {flag} du résultat {code} n'a pas de code officiel : rendu en texte.", _LAB_TABLE
    ),
    "mapping.chapter_fallback": _warn(
        "Aucun chapitre reconnu pour {code} : rangé en « Biologie polyvalente ».", _LAB_TABLE
    ),
    "mapping.flag_against_range": _warn(
        "L'indicateur d'anomalie du résultat {code} contredit ses valeurs de référence ; il est gardé tel quel.", _CHECK
    ),
    "mapping.unit_missing": _note("Le résultat numérique {code} n'a pas d'unité : rendu en texte."),
    "mapping.validator_missing": _hold(
        "Aucun biologiste ne valide ce compte rendu.",
        "Faites renseigner le valideur (OBR-32 ou OBX-16), ou déclarez le biologiste par défaut convenu.",
        may_override=False,
    ),
    "mapping.validator_unknown": _hold(
        "Le valideur {code} n'est pas un biologiste connu de ce laboratoire.",
        "Ajoutez ce biologiste à l'annuaire du laboratoire, puis rejouez le message.",
        may_override=False,
    ),
    "mapping.observer_unknown": _note(
        "L'observateur {code} (OBX-16) n'est pas un biologiste de l'annuaire : il n'est pas repris."
    ),
    "mapping.default_biologist": _note("Le message ne nomme pas de valideur : le biologiste par défaut est retenu."),
    "mapping.validator_partial": _warn("Certains résultats ne nomment pas de valideur (OBX-16).", _CHECK),
    "mapping.several_validators": _hold("Les résultats sont validés par des biologistes différents.", _CHECK),
    "mapping.prescriber_missing": _note("Le prescripteur n'est pas transmis."),
    "mapping.prescriber_unknown": _note(
        "Le prescripteur n'est pas dans l'annuaire du laboratoire.", "Ajoutez-le pour connaître son adresse MSSanté."
    ),
    "mapping.professional_unnamed": _note(
        "Un professionnel (champ {field}) est transmis sans nom : il n'est pas repris."
    ),
    "mapping.professional_differs": _hold(
        "Le code du professionnel (champ {field}) désigne quelqu'un d'autre dans l'annuaire du laboratoire.",
        "Vérifiez l'annuaire du laboratoire : le compte rendu pourrait partir au mauvais destinataire.",
        may_override=False,
    ),
    "mapping.prescribers_differ": _warn("Les demandes d'un même compte rendu ont des prescripteurs différents."),
    "mapping.mailbox_as_sent": _note(
        "L'adresse d'un destinataire en copie (PRT-15) n'est pas dans l'annuaire du laboratoire : elle est reprise "
        "telle qu'envoyée.",
        "Ajoutez ce professionnel à l'annuaire du laboratoire.",
    ),
    "mapping.created_at_reception": _note("La date du compte rendu est absente : la date de réception en tient lieu."),
    "mapping.act_start_missing": _note(
        "La date de prise en charge est absente : la date du compte rendu en tient lieu."
    ),
    "mapping.facility_type_missing": _hold(
        "Le secteur d'activité du laboratoire n'est pas déclaré.", "Complétez la configuration du laboratoire."
    ),
}

RULES: Mapping[str, Rule] = {**_MESSAGE, **_REQUEST, **_RESULT, **_IDENTITY, **_MAPPING}
"""Finding code → rule."""
