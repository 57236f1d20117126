"""The finding codes of both HPRIM families: severity, default disposition, French words.

Three areas: `hprim` (the file itself), `identity` (the patient), `mapping` (what is made of the content).
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


_RESEND = "Demandez au laboratoire de renvoyer le fichier complet."
_LAB_TABLE = "Complétez la table de correspondance du laboratoire, puis rejouez le message."
_CHECK = "Vérifiez avec le laboratoire, puis rejouez ou libérez le document."

_FILE: Mapping[str, Rule] = {
    "hprim.empty": _refuse("Le fichier est vide.", _RESEND),
    "hprim.not_hprim": _refuse(
        "Le fichier n'est pas au format HPRIM : {found}.", "Déposez un fichier HPRIM Santé ou HPRIM Médecin."
    ),
    "hprim.xml_unsupported": _refuse(
        "Le fichier est au format HPRIM XML, qui n'est pas pris en charge.",
        "Demandez au laboratoire un envoi HPRIM Santé (H2.x).",
    ),
    "hprim.unreadable_encoding": _refuse("Le jeu de caractères du fichier n'a pas pu être reconnu.", _RESEND),
    "hprim.unknown_sender": _refuse(
        "L'émetteur du fichier n'est pas un laboratoire connu de cette installation.",
        "Déclarez le code émetteur du laboratoire dans la configuration, puis rejouez le message.",
    ),
    "hprim.sender_not_declared": _hold(
        "Le code émetteur (7.5.1) n'est pas déclaré pour le laboratoire que ce dossier de dépôt désigne.",
        "Vérifiez qui a déposé le fichier, puis ajoutez ce code à la configuration du laboratoire.",
    ),
    "hprim.encoding_guessed": _note(
        "Le jeu de caractères n'était pas déclaré ; {encoding} a été reconnu.",
        "Déclarez le jeu de caractères du laboratoire dans sa configuration.",
    ),
    "hprim.encoding_repaired": _warn(
        "Les caractères accentués étaient abîmés et ont été réparés.",
        "Demandez au laboratoire de corriger son jeu de caractères.",
    ),
    "hprim.encoding_unsure": _warn(
        "Certains caractères n'ont pas pu être reconnus avec certitude.",
        "Déclarez le jeu de caractères du laboratoire dans sa configuration.",
    ),
    "hprim.control_characters": _warn(
        "Des caractères de contrôle interdits ont été retirés du texte.",
        "Signalez-le à l'éditeur du logiciel émetteur.",
    ),
    "hprim.test_mode": _warn(
        "Le message est marqué comme un essai : il ne part vers aucune destination réelle.",
        "Aucune action si l'essai est voulu.",
    ),
}

_SANTE: Mapping[str, Rule] = {
    "hprim.header_missing": _refuse("Le segment H est introuvable : le fichier ne peut pas être lu.", _RESEND),
    "hprim.delimiters": _refuse(
        "Le segment H déclare {count} séparateurs au lieu de cinq.",
        "Déclarez les cinq séparateurs de cet émetteur dans sa configuration, ou faites corriger ses envois.",
    ),
    "hprim.delimiters_same": _refuse(
        "Deux des séparateurs déclarés par le segment H sont identiques.", "Faites corriger les envois de l'émetteur."
    ),
    "hprim.delimiters_profile": _note(
        "Le segment H déclare moins de cinq séparateurs ; ceux de la configuration du laboratoire ont été utilisés."
    ),
    "hprim.delimiters_extra": _warn(
        "Le segment H déclare plus de cinq séparateurs ; seuls les cinq premiers comptent."
    ),
    "hprim.text_before_header": _warn(
        "Le segment H est précédé de {count} octets qui ont été ignorés.",
        "Signalez-le à l'éditeur du logiciel émetteur.",
    ),
    "hprim.truncated": _refuse("Le segment de fin L est absent : le fichier est tronqué.", _RESEND),
    "hprim.several_messages": _refuse(
        "Le fichier contient plusieurs messages (plusieurs segments H ou L) : rien n'est repris.",
        "Demandez un fichier par message.",
    ),
    "hprim.content_after_end": _refuse(
        "Des segments se trouvent après le segment de fin L : le fichier est incohérent.", _RESEND
    ),
    "hprim.text_after_end": _warn(
        "Du texte placé après le segment de fin L a été ignoré.", "Vérifiez la transmission."
    ),
    "hprim.patient_count": _warn(
        "Le segment L annonce {said} patient(s), {found} trouvé(s).", "Vérifiez la transmission."
    ),
    "hprim.segment_count": _warn(
        "Le segment L annonce {said} segment(s), {found} trouvé(s).", "Vérifiez la transmission."
    ),
    "hprim.count_unreadable": _warn("Un compte du segment L n'est pas un nombre.", "Vérifiez la transmission."),
    "hprim.unknown_segment": _warn(
        "Segment inconnu {name} : gardé tel quel avec le message, non repris dans le document.",
        "Demandez au laboratoire ce que ce segment contient.",
    ),
    "hprim.stray_line": _hold(
        "Une ligne n'est pas un segment : un texte a pu être coupé par un saut de ligne.", _CHECK
    ),
    "hprim.context_unknown": _hold("Contexte de message inconnu (champ 7.7).", _CHECK),
    "hprim.version_unknown": _warn("Version HPRIM inconnue ou absente (champ 7.13) : lue comme H2.4."),
    "hprim.processing_unknown": _hold("Le mode de traitement (7.12) est inconnu : production ou essai ?", _CHECK),
    "hprim.nothing_to_publish": _note("Message {context} compris : il ne contient aucun compte rendu à publier."),
    "hprim.obx_before_obr": _refuse(
        "Un résultat (OBX) se trouve avant toute demande (OBR) : rien n'est publié pour ce patient.", _RESEND
    ),
    "hprim.segment_before_patient": _refuse(
        "Un segment {name} se trouve avant tout patient (P) : lignes en désordre.", _RESEND
    ),
    "hprim.patient_without_request": _warn("Ce patient n'a aucune demande (OBR) : rien à publier pour lui."),
    "hprim.request_not_validated": _warn(
        "La demande n'a encore aucun résultat validé : rien à publier.", "Attendez l'envoi validé."
    ),
    "hprim.partial_published": _note("Compte rendu partiel : seuls les résultats validés sont publiés."),
    "hprim.prescription_scan": _note("Une image d'ordonnance ou de dossier ({code}) n'est pas reprise."),
    "hprim.isolate_ambiguous": _hold(
        "L'antibiotique {code} ne peut pas être rattaché à un germe avec certitude.", _CHECK
    ),
    "hprim.value_missing_explained": _warn("Le résultat {code} est vide ; un commentaire l'accompagne."),
    "hprim.level_one": _note(
        "Le laboratoire n'a envoyé qu'un PDF ou un texte : document de niveau 1, où le prélèvement et les "
        "renseignements cliniques de la demande ne sont pas repris."
    ),
    "hprim.attachment_unassigned": _hold(
        "Un PDF accompagne un message de plusieurs comptes rendus : il ne peut pas leur être rattaché.", _CHECK
    ),
    "hprim.attachment_unused": _warn("Un fichier joint n'est pas repris dans le compte rendu."),
    "hprim.request_without_result": _note("La demande n'a pas encore de résultat : rien à publier."),
    "hprim.final_request_without_result": _hold("La demande est terminée mais ne contient aucun résultat.", _CHECK),
    "hprim.no_patient": _refuse("Le message de résultats ne contient aucun patient (P).", _RESEND),
    "hprim.segment_out_of_place": _warn("Le segment {name} n'a pas sa place dans un message de résultats."),
    "hprim.field_beyond_segment": _hold(
        "Le segment {name} porte des champs au-delà du dernier champ de la norme : lignes mal recollées ou décalées.",
        _CHECK,
    ),
    "hprim.patient_shifted": Rule(
        Severity.ERROR,
        Disposition.REFUSE,
        "Le segment P porte des champs que sa version n'a pas, ou un champ de date qui n'en est pas une : "
        "ses lignes sont décalées ou en désordre.",
        _RESEND,
        True,
    ),
    "hprim.field_not_carried": _note("Le champ {field} est rempli mais n'a pas de place dans le compte rendu."),
    "hprim.forbidden_field": _warn(
        "Le champ {field} est interdit par la norme : il n'est ni repris ni gardé dans le document."
    ),
    "hprim.invalid_time": _warn("Le champ {field} ne contient pas une date lisible ; il n'est pas repris.", _CHECK),
    "hprim.comment_misplaced": _hold(
        "Un commentaire (C) ne peut être rattaché à aucun patient avec certitude.", _CHECK
    ),
    "hprim.comment_empty": _note("Un segment de commentaire (C) est vide."),
    "hprim.request_number_missing": _hold(
        "Le numéro de demande du laboratoire (9.4.2) est absent : le compte rendu n'a pas de clé.",
        "Faites renseigner le champ 9.4.2 par le laboratoire.",
        may_override=False,
    ),
    "hprim.request_of_two_patients": _hold(
        "Le même numéro de demande (9.4.2) est porté par deux patients du message.", _CHECK, may_override=False
    ),
    "hprim.status_unknown": _hold("Statut inconnu « {status} ».", _CHECK),
    "hprim.request_status_missing": _warn("Le statut de la demande (9.26) est absent ; il est déduit des résultats."),
    "hprim.request_status_unsure": _hold(
        "Le statut de la demande (9.26) est absent et les résultats ne disent pas tous le leur.", _CHECK
    ),
    "hprim.not_validated": _hold(
        "Le compte rendu n'est pas validé biologiquement.",
        "Attendez l'envoi validé, ou autorisez les comptes rendus partiels pour ce laboratoire.",
        may_override=False,
    ),
    "hprim.result_not_published": _note("Résultat {code} non validé (statut {status}) : il n'est pas publié."),
    "hprim.cancelled": _hold(
        "Le compte rendu est annulé par le laboratoire ou le prescripteur.",
        "Décidez s'il faut retirer le compte rendu déjà publié.",
    ),
    "hprim.value_missing": _hold("Le résultat {code} est vide alors qu'il n'est ni annulé ni en attente.", _CHECK),
    "hprim.value_type_missing": _warn(
        "Le type de valeur du résultat {code} est absent ou inconnu : lu comme du texte."
    ),
    "hprim.value_type_mismatch": _warn("Le résultat {code} est annoncé numérique mais ne l'est pas : rendu en texte."),
    "hprim.test_code_missing": _warn("Un résultat n'a pas de code d'analyse (10.4.1)."),
    "hprim.test_name_missing": _warn("Le résultat {code} n'a pas de libellé (10.4.2) : son code en tient lieu."),
    "hprim.test_missing": _hold("Un résultat n'a ni code ni libellé d'analyse (10.4).", _CHECK),
    "hprim.repeated_test": _warn(
        "L'analyse {code} est rendue plusieurs fois dans la demande : la dernière valeur est retenue."
    ),
    "hprim.repeated_test_differs": _hold(
        "L'analyse {code} est rendue plusieurs fois avec des valeurs différentes : la dernière est retenue.", _CHECK
    ),
    "hprim.repeated_value": _warn("Le résultat {code} porte plusieurs valeurs : elles sont rendues en texte."),
    "hprim.unit_in_value": _warn("L'unité du résultat {code} est écrite dans la valeur : rendu en texte."),
    "hprim.graph_as_text": _warn("La courbe {code} est rendue en texte (points tels qu'envoyés)."),
    "hprim.attachment_missing": _hold(
        "Le fichier joint annoncé par {code} n'accompagne pas le message.",
        "Faites renvoyer le message avec son fichier.",
    ),
    "hprim.attachment_invalid": _hold("Le document joint {code} n'est pas un PDF lisible.", _CHECK),
    "hprim.attachment_not_carried": _hold(
        "Le document joint {code} n'est pas un PDF : il ne peut pas être porté par le compte rendu.", _CHECK
    ),
    "hprim.several_pdf": _hold("Plusieurs PDF accompagnent la demande : seul le dernier est porté.", _CHECK),
    "hprim.range_unreadable": _note("Les valeurs de référence de {code} ne sont pas un intervalle : rendues en texte."),
    "hprim.range_reversed": _warn("Les valeurs de référence de {code} sont inversées : rendues en texte."),
    "hprim.several_ranges": _warn("Plusieurs intervalles de référence pour {code} : rendus en texte."),
    "hprim.err_received": _warn("Message ERR reçu : le destinataire signale {count} erreur(s).", "Lisez le détail."),
}

_MEDECIN: Mapping[str, Rule] = {
    "hprim.header_shifted": _hold(
        "L'en-tête du dossier est décalé : la date de naissance n'est pas à la ligne 7.", _CHECK, may_override=False
    ),
    "hprim.header_incomplete": _refuse("L'en-tête du dossier compte moins de 12 lignes.", _RESEND),
    "hprim.header_thirteen_lines": _note("L'en-tête compte une treizième ligne, gardée avec le texte."),
    "hprim.end_missing": _refuse("Ni ****FIN**** ni ****FINFICHIER**** : le fichier est tronqué.", _RESEND),
    "hprim.fin_missing": _warn("Le repère ****FIN**** manque avant ****FINFICHIER****.", _RESEND),
    "hprim.fin_missing_refused": _refuse("Le repère ****FIN**** manque avant ****FINFICHIER****.", _RESEND),
    "hprim.finfichier_missing": _warn("Le repère ****FINFICHIER**** est absent.", "Vérifiez la transmission."),
    "hprim.text_between_ends": _warn(
        "Du texte se trouve entre ****FIN**** et ****FINFICHIER**** : il est ignoré.", "Vérifiez la transmission."
    ),
    "hprim.text_after_fin": _warn(
        "Du texte se trouve après ****FINFICHIER**** : il est ignoré.", "Vérifiez la transmission."
    ),
    "hprim.duplicate_end_markers": _warn("Les repères de fin sont répétés.", "Signalez-le à l'éditeur."),
    "hprim.unknown_line": _warn(
        "Ligne de type {name} inconnu : gardée telle quelle.", "Demandez au laboratoire ce que cette ligne contient."
    ),
    "hprim.line_case": _note("Un type de ligne est écrit en minuscules : accepté."),
    "hprim.marker_indented": _note("Un repère est décalé par des blancs : accepté."),
    "hprim.empty_status": _hold(
        "Le résultat {code} n'a pas de statut : rien ne dit qu'il est validé.",
        "Si, pour ce laboratoire, l'absence de statut vaut validation, déclarez-le dans sa configuration.",
    ),
    "hprim.ambiguous_number": _hold(
        "La valeur du résultat {code} est ambiguë (séparateur de milliers ou décimal) : rendue en texte.",
        _CHECK,
        may_override=False,
    ),
    "hprim.n_with_text": _note("Le résultat {code} est annoncé numérique mais contient du texte : rendu en texte."),
    "hprim.n_with_date": _note("Le résultat {code} est annoncé numérique mais contient une date : rendu en texte."),
    "hprim.decimal_comma": _note("La valeur du résultat {code} porte une virgule décimale : lue comme un point."),
    "hprim.decorated_value": _note("Des signes autour de la valeur du résultat {code} ont été retirés."),
    "hprim.spaces_in_number": _note("Des espaces dans le nombre du résultat {code} ont été retirés."),
    "hprim.combined_range": _note("Les bornes de {code} sont dans un seul champ : {outcome}."),
    "hprim.second_unit": _note("Le résultat {code} est donné dans deux unités."),
    "hprim.text_only": _note("Le dossier ne contient que du texte : document de niveau 1."),
    "hprim.structured_as_text": _note("Le dossier est rendu en texte : il manque au laboratoire {missing}."),
    "hprim.dossier_number_missing": _hold(
        "Le numéro de dossier (ligne 9) est absent.",
        "Faites renseigner la ligne 9 par le laboratoire.",
        may_override=False,
    ),
    "hprim.dossier_of_two_patients": _hold(
        "Le même numéro de dossier est porté par deux patients du fichier.", _CHECK, may_override=False
    ),
    "hprim.nir_not_carried": _note("La ligne 8 porte un numéro de sécurité sociale : il n'est jamais repris."),
    "hprim.isolate_by_order": _note("Les antibiotiques sont rattachés à leur germe par l'ordre des lignes."),
}

_IDENTITY: Mapping[str, Rule] = {
    "identity.name_missing": _hold("Le nom du patient est absent.", "Faites compléter l'identité par le laboratoire."),
    "identity.given_name_missing": _hold(
        "Le prénom du patient est absent.", "Faites compléter l'identité par le laboratoire."
    ),
    "identity.birth_name_missing": _note(
        "Le nom de naissance n'est pas transmis ; le nom utilisé n'en tient pas lieu.",
        "Faites transmettre le nom de naissance par le laboratoire.",
    ),
    "identity.birth_date_missing": _hold(
        "La date de naissance est absente.", "Faites compléter l'identité par le laboratoire."
    ),
    "identity.birth_date_invalid": _hold(
        "La date de naissance n'est pas une date possible.", "Faites corriger l'identité par le laboratoire."
    ),
    "identity.birth_date_in_future": _hold(
        "La date de naissance est postérieure à la réception du message.", "Faites corriger l'identité."
    ),
    "identity.gender_missing": _hold(
        "Le sexe du patient est absent.", "Faites compléter l'identité par le laboratoire."
    ),
    "identity.gender_unknown": _hold("Le code du sexe transmis est inconnu.", "Faites corriger l'identité."),
    "identity.gender_undetermined": _note("Le sexe du patient est transmis comme indéterminé."),
    "identity.mother_ids": _note(
        "Le rang de naissance est transmis : l'identifiant 8.3.1 est celui de la mère et n'est pas porté."
    ),
    "identity.local_id_missing": _hold("Le patient n'a aucun identifiant local (8.3.1 ou 8.4).", _CHECK),
    "identity.requester_oid_missing": _note(
        "L'identifiant patient du demandeur n'est pas porté : son domaine n'est pas déclaré.",
        "Déclarez l'OID des identifiants patients du demandeur.",
    ),
    "identity.ins_type_refused": _note("Un identifiant de type {kind} n'est plus un INS : il n'est pas repris."),
    "identity.ins_oid_unknown": _warn("Le matricule INS n'est pas repris : son OID est absent ou inconnu."),
    "identity.ins_oid_mismatch": _warn("Le matricule INS n'est pas repris : son type et son OID se contredisent."),
    "identity.ins_not_qualified": _note(
        "Le matricule INS reçu n'est pas une identité qualifiée : il ne part pas.",
        "Qualifiez l'identité (INSi et pièce d'identité), puis rejouez le message.",
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
        "Faites renseigner le valideur (9.33 ou 10.17), ou déclarez le biologiste par défaut convenu.",
        may_override=False,
    ),
    "mapping.validator_unknown": _hold(
        "Le valideur {code} n'est pas un biologiste connu de ce laboratoire.",
        "Ajoutez ce biologiste à l'annuaire du laboratoire, puis rejouez le message.",
        may_override=False,
    ),
    "mapping.default_biologist": _note("Le message ne nomme pas de valideur : le biologiste par défaut est retenu."),
    "mapping.validator_partial": _warn("Certains résultats ne nomment pas de valideur (10.17).", _CHECK),
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
    "mapping.prescribers_differ": _warn("Les demandes de même numéro ont des prescripteurs différents."),
    "mapping.created_at_reception": _note("La date du compte rendu est absente : la date de réception en tient lieu."),
    "mapping.act_start_missing": _note(
        "La date de prise en charge est absente : la date du compte rendu en tient lieu."
    ),
    "mapping.facility_type_missing": _hold(
        "Le secteur d'activité du laboratoire n'est pas déclaré.",
        "Complétez la configuration du laboratoire.",
    ),
}

_DOSSIER: Mapping[str, Rule] = {
    "hprim.lab_marker_missing": _warn(
        "Le repère ****LAB**** manque avant les lignes de résultats : elles sont lues comme telles.",
        "Signalez-le à l'éditeur du logiciel émetteur.",
    ),
    "hprim.dossiers_merged": _refuse(
        "Deux dossiers se suivent sans repère ****FIN**** entre eux : des patients pourraient être mélangés.", _RESEND
    ),
    "hprim.dossier_after_end": _hold(
        "Un dossier semble se trouver après ****FINFICHIER**** : il n'est pas lu.",
        "Demandez au laboratoire d'envoyer ce dossier dans un fichier complet.",
    ),
    "hprim.dossier_repeated": _hold(
        "Le même numéro de dossier revient plusieurs fois dans le fichier avec un contenu différent.",
        _CHECK,
        may_override=False,
    ),
    "hprim.dossier_twice": _note("Un dossier est présent deux fois à l'identique : il n'est repris qu'une fois."),
    "hprim.dossier_empty": _hold("Le dossier ne contient ni texte ni résultat.", _CHECK),
    "hprim.dossier_date_unreadable": _note("La date du dossier (ligne 10) n'est pas lisible : elle n'est pas reprise."),
    "hprim.patient_code_missing": _hold(
        "Le code du patient au laboratoire (ligne 1) est absent ou n'en a pas la forme.",
        "Faites renseigner la ligne 1 par le laboratoire.",
    ),
    "hprim.res_shifted": _hold(
        "Les champs de la ligne RES {code} sont décalés : une barre « | » se trouve peut-être dans une valeur.", _CHECK
    ),
    "hprim.page_differs": _hold("La page de texte ne donne pas au résultat {code} la valeur de sa ligne RES.", _CHECK),
    "hprim.markup_removed": _note(
        "Le texte contenait des balises HTML : elles ont été retirées, leur contenu gardé.",
        "Signalez-le à l'éditeur du logiciel émetteur.",
    ),
    "hprim.sentinel_bound": _note("Une borne de {code} est une valeur de remplissage : elle n'est pas reprise."),
    "hprim.empty_status_validated": _note("Un résultat sans statut vaut validé, comme convenu avec ce laboratoire."),
    "identity.birth_century_missing": _hold(
        "L'année de naissance n'a que deux chiffres : le siècle n'est pas deviné.",
        "Faites transmettre l'année de naissance sur quatre chiffres.",
    ),
    "identity.name_damaged": _hold(
        "Un caractère du nom ou du prénom du patient n'a pas pu être lu.",
        "Faites renvoyer le fichier, ou déclarez le jeu de caractères du laboratoire.",
        may_override=False,
    ),
    "mapping.recipient_unknown": _note(
        "Le destinataire (ligne 12) n'est pas dans l'annuaire du laboratoire : il n'est pas repris.",
        "Ajoutez-le aux prescripteurs du laboratoire pour qu'il reçoive le compte rendu.",
    ),
}
"""Remarks of HPRIM Médecin that need the whole dossier to be made."""

RULES: Mapping[str, Rule] = {**_FILE, **_SANTE, **_MEDECIN, **_IDENTITY, **_MAPPING, **_DOSSIER}
"""Finding code → rule, for both families."""
