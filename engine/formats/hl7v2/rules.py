"""The finding codes of HL7 v2 messages: how grave, which condition of table 0357 (ERR-3), French words.

Where a specification asks for it, the code's comment names it: T = volet "Transmission de document(s) CDA-R2 en HL7v2"
2.1, L = volet "Transmission au LPS d'un document CDA provenant d'un courriel MSSanté" 1.1, PAM = IHE PAM, extension
française 2.11. What makes us refuse in the tolerant mode as well is our choice: a wrong patient, a lost document, a
document shown to somebody it is hidden from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How grave a rule is; the mode says what becomes of it."""

    FATAL = "fatal"
    """To go on would harm somebody: refused in every mode a route may have."""
    DOUBT = "doubt"
    """A value may be wrong: refused in the strict mode, held for a person in the tolerant one."""
    FAULT = "fault"
    """Against the specification: refused in the strict mode, said in the tolerant one."""
    ODD = "odd"
    """Unusual, and read nevertheless."""
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table. `message` and `remedy` are French, with `{words}` that hold no patient data."""

    grade: Grade
    error: str
    """HL7 table 0357 (ERR-3)."""
    message: str
    remedy: str = ""
    application: str = ""
    """Application error of the volet L (ERR-5), 900 to 906."""


ERRORS: Mapping[str, str] = {
    "0": "Message accepted",
    "100": "Segment sequence error",
    "101": "Required field missing",
    "102": "Data type error",
    "103": "Table value not found",
    "198": "Non-conformant cardinality",
    "199": "Other HL7 error",
    "200": "Unsupported message type",
    "201": "Unsupported event code",
    "202": "Unsupported processing id",
    "203": "Unsupported version id",
    "207": "Application error",
}
"""HL7 table 0357, as the volet T lists it."""

APPLICATION_ERRORS: Mapping[str, str] = {
    "900": "Version du document incorrecte pour un remplacement ou une suppression",
    "901": "Auteur non habilité à remplacer ou supprimer le document",
    "902": "Patient inconnu",
    "903": "INS absente du document",
    "904": "INS différente de celle enregistrée",
    "905": "Traits de l'INS incomplets",
    "906": "Autre erreur",
}
"""Application errors of the volet L (ERR-5), in our words."""

_SENDER = "Signalez-le à l'éditeur du logiciel émetteur, puis renvoyez le message corrigé."
_TELL = "Signalez-le à l'éditeur du logiciel émetteur."


def _fatal(error: str, message: str, remedy: str = _SENDER, *, application: str = "") -> Rule:
    return Rule(Grade.FATAL, error, message, remedy, application)


def _doubt(error: str, message: str, remedy: str = _SENDER) -> Rule:
    return Rule(Grade.DOUBT, error, message, remedy)


def _fault(error: str, message: str, remedy: str = _TELL, *, application: str = "") -> Rule:
    return Rule(Grade.FAULT, error, message, remedy, application)


def _odd(message: str, remedy: str = _TELL, *, error: str = "199") -> Rule:
    return Rule(Grade.ODD, error, message, remedy)


def _note(message: str, remedy: str = "", *, error: str = "199") -> Rule:
    return Rule(Grade.NOTE, error, message, remedy)


_READER: Mapping[str, Rule] = {
    "hl7v2.empty": _fatal("100", "Le message est vide.", "Renvoyez le message complet."),
    "hl7v2.no_msh": _fatal("100", "Le contenu reçu n'est pas un message HL7 v2 : il ne commence pas par MSH."),
    "hl7v2.batch": _fatal(
        "200", "Le fichier est un lot HL7 (FHS, BHS) ; un seul message est attendu.", "Envoyez les messages un par un."
    ),
    "hl7v2.several_messages": _fatal(
        "100", "Plusieurs messages HL7 sont envoyés ensemble.", "Envoyez les messages un par un."
    ),
    "hl7v2.limits": _fatal("198", "Le message contient bien trop de segments, de champs ou de composants."),
    "hl7v2.separators": _fatal("102", "Les séparateurs annoncés dans MSH-1 et MSH-2 ne peuvent pas être utilisés."),
    "hl7v2.charset_unsupported": _fatal(
        "102", "Le message est en UTF-16, qui n'est pas accepté.", "Envoyez le message en UTF-8 ou en ISO 8859-15."
    ),
    "hl7v2.separators_missing": _odd("MSH-2 n'annonce pas tous les séparateurs.", error="102"),
    "hl7v2.separators_unusual": _odd("Les séparateurs ne sont pas ceux de la recommandation (|^~\\&).", error="102"),
    "hl7v2.charset_guessed": _odd(
        "Le jeu de caractères n'est pas déclaré (MSH-18) ; il a été reconnu d'après le contenu.", error="101"
    ),
    "hl7v2.charset_unknown": _odd(
        "Le jeu de caractères déclaré (MSH-18) n'est pas connu ; il a été reconnu d'après le contenu.", error="103"
    ),
    "hl7v2.charset_contradicted": _fault(
        "102", "Le contenu n'est pas écrit dans le jeu de caractères déclaré (MSH-18) ; il a été reconnu autrement."
    ),
    "hl7v2.characters_lost": _doubt("102", "Des caractères de {place} sont illisibles dans tous les jeux connus."),
    "hl7v2.control_characters": _odd("{place} contient des caractères de contrôle ; ils ne sont pas lus.", error="102"),
    "hl7v2.continuation": _fault(
        "100",
        "Des lignes qui suivent {place} ne commencent pas par un nom de segment ; elles lui ont été rattachées.",
        "Terminez chaque segment par un retour chariot, et n'en mettez pas à l'intérieur.",
    ),
    "hl7v2.segments_joined": _fatal("100", "Deux segments se suivent sur une même ligne dans {place}."),
}

_HEADER: Mapping[str, Rule] = {
    "hl7v2.message_type": _fatal("200", "Ce type de message n'est pas pris en charge (MSH-9.1)."),
    "hl7v2.event": _fatal("201", "Cet événement n'est pas pris en charge pour ce type de message (MSH-9.2)."),
    "hl7v2.structure": _fault("103", "La structure annoncée (MSH-9.3) n'est pas celle attendue : {expected}."),
    "hl7v2.structure_shifted": _odd("MSH-9 a trop de composants ; le dernier a été pris pour la structure."),
    "hl7v2.processing": _fault("202", "MSH-11 doit valoir P, T ou D."),
    "hl7v2.version": _fatal("203", "Cette version de HL7 n'est pas prise en charge (MSH-12)."),
    "hl7v2.version_expected": _fault("203", "La version de HL7 (MSH-12) devrait être {expected} pour ce message."),
    "hl7v2.edition": _fault("203", "La version du volet (MSH-21) n'est pas connue ; {expected} a été supposée."),
}

_TABLE: Mapping[str, Rule] = {
    "hl7v2.segment_missing": _fault("100", "Le segment {place} est absent alors qu'il est obligatoire."),
    "hl7v2.segment_repeated": _fault("198", "Le segment {place} est présent plusieurs fois."),
    "hl7v2.required": _fault("101", "{place} est obligatoire et n'est pas rempli."),
    "hl7v2.forbidden": _odd("{place} ne doit pas être rempli ; il n'est pas lu.", error="198"),
    "hl7v2.value": _fault("103", "{place} doit valoir {expected}."),
    "hl7v2.coding_system": _fault("101", "{place} : un code est envoyé sans son système de codage."),
}

_PATIENT: Mapping[str, Rule] = {
    "hl7v2.no_patient": _fatal("100", "Le message ne désigne aucun patient (segment PID)."),
    "hl7v2.several_patients": _fatal("198", "Le message désigne plusieurs patients (segments PID)."),
    "hl7v2.no_patient_id": _fatal("101", "Le patient n'a aucun identifiant (PID-3)."),
    "hl7v2.several_ins": _fatal(
        "198",
        "Le patient a plusieurs identités nationales de santé différentes (PID-3).",
        "Vérifiez l'identité du patient dans le logiciel émetteur.",
        application="904",
    ),
    "hl7v2.ins_key": _odd("La clé de contrôle du matricule INS n'est pas juste ({place}).", error="102"),
    "hl7v2.ins_traits": _odd(
        "Une INS est envoyée sans tous ses traits : {expected}.",
        "Complétez l'identité du patient dans le logiciel émetteur.",
        error="101",
    ),
    "hl7v2.ins_not_validated": _odd(
        "Une INS est envoyée alors que l'identité n'est pas validée (PID-32) ; elle n'est pas tenue pour qualifiée.",
        "Validez l'identité du patient dans le logiciel émetteur avant d'envoyer l'INS.",
        error="207",
    ),
    "hl7v2.no_visit": _odd("Le message ne dit rien de la venue (segment PV1).", error="100"),
}

_DOCUMENT: Mapping[str, Rule] = {
    "hl7v2.no_document": _fatal("101", "Le message ne contient aucun document (OBX de type ED)."),
    "hl7v2.too_many_documents": _fatal("198", "Le message contient plus de documents que le volet ne le permet."),
    "hl7v2.no_content": _fatal("101", "Le document est annoncé, mais son contenu est vide ({place})."),
    "hl7v2.action": _fatal("103", "{place} doit valoir {expected} : l'action demandée n'est pas connue."),
    "hl7v2.incoherent_action": _fatal(
        "207", "ORC-1, OBX-11 et l'événement ne demandent pas la même action sur le document."
    ),
    "hl7v2.incoherent_type": _fault("207", "Le type du document n'est pas le même dans {place} et dans OBX-3."),
    "hl7v2.replaces_itself": _fatal(
        "207", "Le document remplacé ({place}) est le document lui-même.", application="900"
    ),
    "hl7v2.parent_unused": _odd("TXA-13 n'a de sens que pour un remplacement ; il n'est pas lu.", error="198"),
    "hl7v2.document_id_form": _fault("102", "L'identifiant du document ({place}) n'est pas un OID."),
    "hl7v2.document_id_extra": _odd(
        "{place} ne devait contenir que l'identifiant ; le reste n'est pas lu.", error="102"
    ),
    "hl7v2.document_id_extension": _odd(
        "L'identifiant du document a une extension : le DMP le refuse.",
        "Utilisez un identifiant formé d'un OID seul.",
        error="207",
    ),
    "hl7v2.encoding_not_base64": _fault("102", "Le document doit être encodé en base64 ({place})."),
    "hl7v2.base64": _fatal("102", "Le contenu encodé en base64 est abîmé ({place})."),
    "hl7v2.base64_padding": _odd("Le base64 n'a pas sa terminaison ; il a été lu quand même ({place}).", error="102"),
    "hl7v2.message_id": _odd("{place} n'est pas l'identifiant du courriel d'origine (Message-ID).", error="102"),
    "hl7v2.mail_body": _odd(
        "Le corps du courriel ne peut pas être lu ({place}) ; le texte par défaut sera utilisé.", error="102"
    ),
    "hl7v2.not_cda": _fatal("102", "Le contenu envoyé n'est pas un document CDA lisible ({place})."),
    "hl7v2.document_incomplete": _fatal(
        "207", "Le document ne peut être ni partagé ni envoyé ({place}) : {what}.", application="906"
    ),
    "hl7v2.document_repeated": _fatal(
        "198", "Deux documents du message portent le même identifiant ({place}).", application="906"
    ),
    "hl7v2.versions_together": _fatal(
        "198",
        "Le message porte un document et celui qu'il remplace ({place}).",
        "Envoyez chaque version d'un document dans son propre message, dans l'ordre.",
        application="900",
    ),
    "hl7v2.document_several_ins": _fatal(
        "207", "Le document porte plusieurs identités nationales de santé différentes ({place}).", application="904"
    ),
    "hl7v2.document_ins_not_validated": _fatal(
        "207",
        "Le document porte une INS, et l'identité n'est pas validée ({place}) : un matricule qui n'est pas qualifié ne "
        "se transmet pas.",
        "Validez l'identité du patient dans le logiciel émetteur, ou envoyez un document sans INS.",
        application="906",
    ),
    "hl7v2.document_ins_traits": _fatal(
        "207",
        "Le document porte une INS sans tous ses traits ({place}) : {traits}.",
        "Complétez l'identité du patient dans le logiciel émetteur, puis renvoyez le document.",
        application="905",
    ),
    "hl7v2.other_patient": _fatal(
        "207",
        "Le document ne concerne pas le patient du message.",
        "Vérifiez le document joint dans le logiciel émetteur.",
        application="904",
    ),
    "hl7v2.traits_differ": _fatal(
        "207",
        "Le document et le message ne donnent pas la même identité au patient ({place}) : {traits}.",
        "Vérifiez l'identité du patient, et le document joint, dans le logiciel émetteur.",
        application="902",
    ),
    "hl7v2.given_name_differs": _doubt(
        "207",
        "Le document et le message ne donnent pas le même prénom au patient ({place}).",
        "Vérifiez qu'il ne s'agit pas d'un jumeau, ou d'un autre membre de la famille.",
    ),
    "hl7v2.no_common_id": _fatal(
        "207",
        "Le document et le message n'ont aucun identifiant de patient commun.",
        "Envoyez dans PID-3 les identifiants qui sont dans le document.",
        application="903",
    ),
    "hl7v2.ids_differ": _odd("PID-3 n'a pas tous les identifiants de patient du document.", error="207"),
    "hl7v2.other_document": _fatal("207", "TXA-12 n'est pas l'identifiant du document joint.", application="906"),
    "hl7v2.document_id_concatenated": _odd(
        "TXA-12 réunit en un seul identifiant l'OID et l'extension du document.", error="102"
    ),
    "hl7v2.other_parent": _odd("TXA-13 n'est pas le document que le CDA remplace ; le CDA fait foi.", error="207"),
    "hl7v2.no_replacement_link": _fatal(
        "207",
        "Le remplacement est demandé, mais le document ne dit pas lequel il remplace (relatedDocument).",
        application="900",
    ),
    "hl7v2.version_without_link": _doubt(
        "207",
        "Le document dit être la suite d'une autre version (versionNumber) sans dire laquelle il remplace ({place}) : "
        "les deux resteraient visibles.",
        "Vérifiez si une version précédente a été envoyée ; si oui, faites envoyer un remplacement.",
    ),
    "hl7v2.replacement_not_asked": _fault(
        "207",
        "Le document dit en remplacer un autre (relatedDocument), et le message demande un envoi initial ; le document "
        "fait foi.",
    ),
    "hl7v2.other_code": _fault("207", "Le type annoncé ({place}) n'est pas celui du document."),
}

_FLAGS: Mapping[str, Rule] = {
    "hl7v2.flag_missing": _fault("101", "L'indicateur {flag} est absent."),
    "hl7v2.flag_value": _fatal("103", "L'indicateur {flag} doit valoir Y ou N ({place})."),
    "hl7v2.flag_contradicted": _fatal(
        "198", "L'indicateur {flag} est envoyé plusieurs fois, avec des valeurs différentes."
    ),
    "hl7v2.flag_repeated": _odd("L'indicateur {flag} est envoyé plusieurs fois.", error="198"),
    "hl7v2.flag_alias": _odd("L'indicateur {flag} est envoyé sous un ancien nom ({place}).", error="103"),
    "hl7v2.flag_order": _note("Les indicateurs ne sont pas dans l'ordre du volet.", error="100"),
    "hl7v2.observation_unknown": _note("{place} n'est pas connu du volet ; il n'est pas lu.", error="103"),
    "hl7v2.hidden_and_mailed": _fatal(
        "207", "Le document est invisible au patient, et son envoi à la messagerie du patient est demandé."
    ),
    "hl7v2.no_sender": _fatal("101", "L'envoi au DMP est demandé sans l'émetteur (PRT de rôle SB)."),
    "hl7v2.no_recipient": _fatal("101", "L'envoi par messagerie est demandé sans destinataire (PRT de rôle RCT)."),
    "hl7v2.no_patient_recipient": _fatal(
        "101", "L'envoi à la messagerie du patient est demandé sans son adresse (PRT de rôle RCT)."
    ),
    "hl7v2.no_destination": _odd("Aucune destination n'est demandée pour le document.", error="207"),
    "hl7v2.visibility_change": _odd("{place} : un changement de visibilité n'a de sens que pour un remplacement."),
    "hl7v2.mss_matrix": _odd(
        "Cette combinaison d'indicateurs n'est pas dans le tableau d'envoi par messagerie du volet.", error="207"
    ),
}

_PARTICIPANTS: Mapping[str, Rule] = {
    "hl7v2.several_senders": _fault("198", "Plusieurs émetteurs sont désignés (PRT de rôle SB)."),
    "hl7v2.participant_misplaced": _fault("100", "{place} ne suit pas le document."),
    "hl7v2.participant_unidentified": _fault("101", "{place} ne désigne ni professionnel, ni structure, ni appareil."),
    "hl7v2.no_structure": _fault("101", "L'envoi au DMP est demandé sans l'identifiant de la structure ({place})."),
    "hl7v2.no_address": _fault(
        "101",
        "{place} : l'adresse de messagerie est absente ; rien ne sera envoyé à ce destinataire.",
        "Complétez l'adresse du destinataire, puis renvoyez le message.",
    ),
    "hl7v2.address_shifted": _fault("100", "{place} : l'adresse est envoyée à côté de sa place (PRT-15.4)."),
    "hl7v2.address_form": _fault("102", "{place} n'est pas une adresse de messagerie."),
    "hl7v2.patient_mailbox": _odd(
        "{place} : l'adresse n'est pas celle de l'INS du patient ; aucun courriel ne doit lui être envoyé.",
        "L'adresse d'un patient est son matricule INS, suivi de @patient.mssante.fr.",
        error="207",
    ),
    "hl7v2.professional_id": _odd("{place} : la longueur de l'identifiant n'est pas celle de son type.", error="102"),
    "hl7v2.structure_id": _odd("{place} : la longueur de l'identifiant n'est pas celle de son type.", error="102"),
}

_OTHERS: Mapping[str, Rule] = {
    "hl7v2.orphan_result": _fatal("100", "{place} : un résultat est envoyé sans demande (OBR)."),
    "hl7v2.no_result": _odd("Le message n'a aucun résultat (OBX).", error="100"),
    "hl7v2.consent": _fatal("103", "{place} doit valoir {expected} : le choix du patient n'est pas connu."),
    "hl7v2.consent_contradicted": _fatal(
        "198",
        "Le message donne deux choix différents du patient ({place}).",
        "Envoyez un seul segment ZFA, avec le dernier choix du patient.",
    ),
    "hl7v2.consent_of_nobody": _fatal(
        "101",
        "Aucun identifiant de {place} ne permet de relier le choix du patient à ses documents.",
        "Envoyez dans PID-3 l'INS avec son OID, ou l'IPP avec l'OID de l'autorité qui l'a donné.",
    ),
    "hl7v2.consent_local_number": _odd(
        "{place} n'a ni INS ni OID d'autorité : le choix du patient n'est relié qu'aux documents de ce même émetteur.",
        "Envoyez dans PID-3 l'INS avec son OID, ou l'IPP avec l'OID de l'autorité qui l'a donné.",
        error="101",
    ),
    "hl7v2.consent_not_collected": _odd(
        "Le choix du patient sur l'alimentation de son DMP n'est pas recueilli ({place}) : sans autre réponse de lui, "
        "ses documents partent ou attendent selon le réglage de la destination.",
        "Informez le patient et recueillez son choix.",
        error="207",
    ),
    "hl7v2.consent_in_test": _doubt(
        "202",
        "Le message est marqué « test » ou « mise au point » ({place}) : le choix du patient n'est pas retenu.",
        "Demandez à l'émetteur de renvoyer le message en mode production (MSH-11 = P) si ce choix est réel.",
    ),
    "hl7v2.consent_erased": _odd(
        "{place} demande d'effacer le choix du patient : rien n'est changé.",
        "Envoyez le nouveau choix du patient, avec sa date.",
        error="103",
    ),
    "hl7v2.consent_date": _fault(
        "101",
        "{place} : la date du choix du patient est absente ; l'heure de réception du message en tient lieu.",
    ),
    "hl7v2.consent_date_form": _fault(
        "102",
        "{place} : la date du choix du patient n'en est pas une ; l'heure de réception du message en tient lieu.",
    ),
    "hl7v2.consent_date_future": _odd(
        "{place} : la date du choix du patient est postérieure à la réception du message, qui en tient lieu.",
        error="102",
    ),
    "hl7v2.consent_day": _note(
        "{place} : le choix du patient est daté sans heure ; il compte à partir de 0 h, heure du site.", error="102"
    ),
    "hl7v2.movement_shifted": _fault("101", "Les champs du mouvement (ZBE) semblent décalés d'une position."),
    "hl7v2.dates_order": _odd("{place} est antérieure à la date qui la précède.", error="102"),
    "hl7v2.answer": _fatal("103", "{place} doit valoir {expected} : la réponse n'est pas connue."),
    "hl7v2.no_reason": _fault("101", "La réponse est négative, et le motif n'est pas donné (segment ERR)."),
}

RULES: Mapping[str, Rule] = {
    **_READER,
    **_HEADER,
    **_TABLE,
    **_PATIENT,
    **_DOCUMENT,
    **_FLAGS,
    **_PARTICIPANTS,
    **_OTHERS,
}
