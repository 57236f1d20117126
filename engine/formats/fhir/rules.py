"""The finding codes of FHIR intake: severity, default disposition, French words.

`fhir` is about the Bundle itself; `identity` and `mapping` codes mean what they mean for the other formats. The
dispositions are our proposal (clinical safety first).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.findings import Disposition, Finding, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table. `message` and `remedy` are French, with `{words}` that hold no patient data."""

    severity: Severity
    disposition: Disposition
    message: str
    remedy: str = ""
    may_override: bool = False
    """True where a laboratory may loosen it."""


def finding(code: str, where: str = "", /, **words: object) -> Finding:
    """A finding made from the table; KeyError for a code that is not there, which is our bug.

    `words` hold local codes, units, counts or names of elements, never patient data.
    """
    rule = RULES[code]
    area = code.partition(".")[0]
    return Finding(
        code=code,
        severity=rule.severity,
        where=where,
        message=rule.message.format_map(words),
        remedy=rule.remedy.format_map(words),
        layer="format" if area == "fhir" else area,
        disposition=rule.disposition,
    )


def _refuse(message: str, remedy: str = "") -> Rule:
    return Rule(Severity.ERROR, Disposition.REFUSE, message, remedy)


def _hold(message: str, remedy: str = "", *, may_override: bool = True) -> Rule:
    return Rule(Severity.ERROR, Disposition.HOLD, message, remedy, may_override)


def _warn(message: str, remedy: str = "") -> Rule:
    return Rule(Severity.WARNING, Disposition.PUBLISH, message, remedy, True)


def _note(message: str, remedy: str = "") -> Rule:
    return Rule(Severity.INFO, Disposition.PUBLISH, message, remedy, True)


_CHECK = "Vérifiez avec l'émetteur, puis rejouez ou libérez le document."
_TABLE = "Complétez la table de correspondance du laboratoire, puis rejouez le message."
_DELETE = "Pour retirer un document déjà envoyé, supprimez-le (POST /v1/documents/…/delete) ou demandez-le au site."

_FORM: Mapping[str, Rule] = {
    "fhir.not_utf8": _refuse("Le Bundle n'est pas écrit en UTF-8.", "Encodez le JSON en UTF-8."),
    "fhir.json_invalid": _refuse(
        "Le corps n'est pas un objet JSON lisible.", "Envoyez un Bundle FHIR R4 en JSON (application/fhir+json)."
    ),
    "fhir.json_twice": _refuse(
        "Un objet JSON porte deux fois le même nom : rien ne dit quelle valeur est la bonne.",
        "N'écrivez chaque élément qu'une fois.",
    ),
    "fhir.not_a_bundle": _refuse("Un Bundle est attendu.", "Envoyez un Bundle de type document ou transaction."),
    "fhir.bundle_type": _refuse("Ce type de Bundle n'est pas lu ici.", "Types lus : document, transaction."),
    "fhir.bundle_empty": _refuse("Le Bundle ne contient aucune ressource."),
    "fhir.composition_first": _refuse("Un Bundle document commence par sa Composition (bdl-11)."),
    "fhir.method": _refuse(
        "Seule la création est prise (POST ou PUT) : rien n'est lu, changé ni supprimé ici.", _DELETE
    ),
    "fhir.full_url_twice": _refuse("Deux entrées ont la même adresse (fullUrl)."),
    "fhir.unresolved_reference": _refuse(
        "Cette référence ne désigne aucune ressource du Bundle, ou en désigne plusieurs.",
        "Joignez la ressource au Bundle : rien n'est cherché ailleurs.",
    ),
    "fhir.reference_type": _refuse("Cette référence désigne une ressource d'un autre type que : {expected}."),
    "fhir.modifier_extension": _refuse(
        "Une extension modificatrice (modifierExtension) peut changer le sens de ce qui l'entoure et n'est pas connue.",
        "Retirez-la : aucune n'est prise en charge.",
    ),
    "fhir.implicit_rules": _refuse("Des règles implicites (implicitRules) ne sont pas prises en charge."),
    "fhir.missing": _refuse("Cet élément est obligatoire."),
    "fhir.unknown_element": _refuse("Cet élément n'existe pas en FHIR R4."),
    "fhir.unknown_resource": _refuse("Ce type de ressource n'existe pas en FHIR R4."),
    "fhir.invalid_value": _refuse("Cette valeur n'a pas la forme que demande FHIR R4."),
    "fhir.several_types": _refuse("Une seule des valeurs possibles de cet élément peut être envoyée."),
    "fhir.structure": _refuse("Cet élément n'a pas la structure que demande FHIR R4."),
    "fhir.empty": _refuse("Cet élément est vide : FHIR demande de ne pas l'envoyer."),
    "fhir.not_a_text": _refuse("Un nombre ou un booléen s'écrit sans guillemets."),
    "fhir.code": _refuse("Un des codes suivants est attendu : {expected}."),
    "fhir.no_such_time": _refuse("Cette date ou cette heure n'existe pas."),
    "fhir.not_read": _note("La ressource n'est pas reprise : rien ne la rattache au document ({type})."),
    "fhir.result_not_read": _hold(
        "Un résultat (Observation) n'est rattaché à aucun compte rendu : il n'est pas repris.",
        "Rattachez-le à DiagnosticReport.result, ou retirez-le du Bundle.",
        may_override=False,
    ),
    "fhir.not_carried": _note("Cette information n'est pas reprise : {what}."),
    "fhir.extension_ignored": _note("Une extension sans effet ici n'est pas reprise."),
    "fhir.entered_in_error": _refuse("Cette ressource est marquée comme saisie par erreur : rien n'en part.", _DELETE),
}

_DOCUMENT: Mapping[str, Rule] = {
    "fhir.unknown_structure": _refuse(
        "Cette clé d'API n'est celle d'aucune structure de routes.yaml.",
        "Ajoutez « structures: … » et nommez-la à la clé.",
    ),
    "fhir.no_document": _refuse(
        "Le Bundle ne contient ni DocumentReference ni DiagnosticReport.", "Envoyez l'un des deux, une fois."
    ),
    "fhir.several_documents": _refuse("Le Bundle contient plusieurs documents.", "Envoyez un Bundle par document."),
    "fhir.superseded": _refuse("Ce document est remplacé par un autre : il ne part pas."),
    "fhir.preliminary": _refuse("Ce document n'est pas validé : il ne part pas.", "Envoyez-le une fois validé."),
    "fhir.relation": _refuse("Seul le remplacement (replaces) est pris en charge."),
    "fhir.replaces_without_number": _refuse(
        "Le document en remplace un autre, mais ne porte pas de numéro commun à ses versions.",
        "Donnez le même DocumentReference.identifier à toutes les versions : c'est lui qui fait le remplacement.",
    ),
    "fhir.deleted_number": _refuse(
        "Le document de ce numéro a été supprimé.", "Donnez un autre numéro au nouveau document."
    ),
    "fhir.several_numbers": _refuse(
        "Plusieurs numéros possibles pour ce document.", "N'en gardez qu'un, ou un seul « official »."
    ),
    "fhir.several_categories": _refuse("Plusieurs documents du catalogue sont désignés."),
    "fhir.type_unknown": _refuse(
        "Aucun document de niveau 1 de cette profession n'a ce type.",
        "Désignez-le par son nom : category, système urn:passeur:catalogue.",
    ),
    "fhir.type_ambiguous": _refuse(
        "Plusieurs documents du catalogue ont ce type : {choices}.",
        "Désignez-le par son nom : category, système urn:passeur:catalogue.",
    ),
    "fhir.decided_by_catalogue": _refuse("Le catalogue donne un autre type à ce document."),
    "fhir.one_content": _refuse("Un document a un contenu, et un seul."),
    "fhir.file_missing": _refuse("Le fichier n'est ni joint (data) ni désigné (url)."),
    "fhir.file_elsewhere": _refuse(
        "Le fichier n'est pas une ressource Binary du Bundle : rien n'est cherché ailleurs.",
        "Joignez une ressource Binary, ou le contenu (data).",
    ),
    "fhir.file_empty": _refuse("Le document est vide."),
    "fhir.file_differs": _refuse("Le fichier n'a pas la taille ou l'empreinte annoncée.", "Renvoyez-le entier."),
    "fhir.base64": _refuse("Le contenu n'est pas du base64."),
    "fhir.media_type": _refuse("Ce type de fichier n'est pas lu.", "Envoyez un PDF/A-1, un texte ou du HTML simple."),
    "fhir.media_type_differs": _refuse("L'attachement et sa ressource Binary n'annoncent pas le même type."),
    "fhir.charset": _refuse("Le texte ne se lit pas dans le jeu de caractères annoncé."),
    "fhir.not_a_pdf": _refuse("Ce fichier n'est pas un PDF.", "Produisez un PDF/A-1."),
    "fhir.label_unknown": _refuse(
        "Cette étiquette de sécurité n'est pas connue : elle peut interdire l'envoi.",
        "Étiquettes lues : N, R, V (v3-Confidentiality), MASQUE_PS, INVISIBLE_PATIENT, INVISIBLE_REPRESENTANTS_LEGAUX.",
    ),
    "fhir.sending_unknown": _refuse("Cette consigne d'envoi n'est pas connue, ou n'a pas la forme attendue."),
    "fhir.recipient_unknown": _refuse("Ce destinataire n'est pas une personne décrite dans le Bundle."),
    "fhir.recipient_unnamed": _refuse("Ce destinataire n'a pas de nom."),
    "fhir.list_of_others": _refuse("La liste contient autre chose que le document envoyé."),
    "fhir.author_unknown": _refuse("Cette personne n'est pas désignée : ni ressource du Bundle, ni numéro."),
    "fhir.author_incomplete": _refuse(
        "Cet élément est obligatoire : ce professionnel n'est pas déclaré dans routes.yaml.",
        "Déclarez-le, ou envoyez son RPPS, son nom et sa profession (TRE_G15, TRE_R38).",
    ),
    "fhir.professional_differs": _refuse("Ce numéro désigne quelqu'un d'autre dans routes.yaml."),
    "fhir.other_structure": _refuse("Ce professionnel exerce ici dans une autre structure que celle de l'appel."),
    "fhir.incomplete": _refuse("Le document est incomplet."),
}

_PATIENT: Mapping[str, Rule] = {
    "fhir.patient_incomplete": _refuse("Ce trait d'identité est obligatoire (nom et prénoms « official »)."),
    "fhir.several_names": _refuse("Un patient n'a qu'un nom « official »."),
    "fhir.birth_place_missing": _refuse(
        "Une identité qualifiée a son lieu de naissance (code INSEE).", "Envoyez-le, ou un autre statut d'identité."
    ),
    "fhir.patient_inactive": _refuse("Le dossier du patient est inactif."),
    "fhir.patient_replaced": _refuse("Ce patient est remplacé par un autre dossier.", "Envoyez le dossier en vigueur."),
    "fhir.patient_linked": _note("Le lien avec un autre dossier du patient n'est pas repris."),
    "fhir.other_patient": _refuse("Cet élément concerne un autre patient que le document."),
    "identity.doubtful": _hold(
        "L'émetteur signale une identité douteuse, fictive ou en doublon.",
        "Vérifiez l'identité du patient avant toute publication.",
        may_override=False,
    ),
    "identity.gender_undetermined": _note("Le sexe du patient est transmis comme indéterminé."),
    "identity.birth_date_in_future": _hold(
        "La date de naissance est postérieure à la réception du message.", "Faites corriger l'identité."
    ),
    "identity.birth_name_missing": _note(
        "Le nom de naissance n'est pas transmis ; le nom utilisé n'en tient pas lieu.",
        "Faites transmettre le nom de naissance (name.use official).",
    ),
    "identity.several_ins": _hold("Plusieurs matricules INS différents sont transmis.", _CHECK, may_override=False),
    "identity.ins_not_qualified": _note(
        "Le matricule INS reçu n'est pas une identité qualifiée : il ne part pas.",
        "Qualifiez l'identité (INSi et pièce d'identité), puis renvoyez le document.",
    ),
    "identity.ins_differs": _hold(
        "Le matricule INS reçu diffère de celui de l'identité qualifiée connue.", _CHECK, may_override=False
    ),
    "identity.traits_differ": _hold(
        "L'identité transmise diffère de l'identité qualifiée connue pour cet identifiant ({traits}).",
        "Vérifiez l'identité du patient avant toute publication.",
        may_override=False,
    ),
    "identity.traits_incomplete": _note(
        "L'identité qualifiée connue n'a pas pu être comparée : il manque un trait strict ({traits})."
    ),
    "identity.qualified_without_traits": _warn(
        "L'identité dite qualifiée n'a pas tous ses traits stricts ({traits}) : elle n'est pas tenue pour telle."
    ),
}

_REPORT: Mapping[str, Rule] = {
    "fhir.unknown_laboratory": _refuse(
        "Le laboratoire du compte rendu n'est pas connu de cette installation.",
        "Nommez-le (DiagnosticReport.performer, FINESS) et déclarez-le dans routes.yaml.",
    ),
    "fhir.other_laboratory": _refuse("Cette clé d'API n'est pas celle du laboratoire du compte rendu."),
    "fhir.not_a_laboratory_report": _refuse(
        "Seuls les comptes rendus de biologie sont pris : category LAB (v2-0074) est attendue."
    ),
    "fhir.registered": _refuse("Ce compte rendu n'a encore aucun résultat.", "Envoyez-le une fois validé."),
    "fhir.report_status_unknown": _refuse("L'état du compte rendu n'est pas connu : il ne part pas."),
    "fhir.focus": _refuse("Un résultat qui porte sur autre chose que le patient (focus) n'est pas pris en charge."),
    "fhir.member_twice": _refuse("Des résultats se contiennent eux-mêmes, ou deux fois (hasMember)."),
    "fhir.too_deep": _refuse("Des groupes de résultats s'emboîtent trop profondément (hasMember)."),
    "fhir.not_a_prescription": _refuse("Cette demande interdit l'acte (doNotPerform), ou fut saisie par erreur."),
    "fhir.absence_and_value": _refuse("Un résultat a une valeur, ou la raison de son absence, jamais les deux."),
    "fhir.not_validated": _hold(
        "Le compte rendu n'est pas validé biologiquement.",
        "Attendez l'envoi validé, ou autorisez les comptes rendus partiels pour ce laboratoire.",
        may_override=False,
    ),
    "fhir.partial_published": _note("Compte rendu partiel : seuls les résultats validés sont publiés."),
    "fhir.result_not_published": _note("Le résultat {code} n'est pas validé : il n'est pas publié."),
    "fhir.result_status_unknown": _hold("L'état du résultat {code} n'est pas connu : il n'est pas publié.", _CHECK),
    "fhir.group_withdrawn": _hold(
        "Un groupe de résultats est annulé alors qu'il contient des résultats validés.", _CHECK, may_override=False
    ),
    "fhir.cancelled": _hold(
        "Le compte rendu est annulé par le laboratoire.", "Décidez s'il faut retirer le compte rendu déjà publié."
    ),
    "fhir.no_result": _hold("Le compte rendu ne contient ni résultat ni document.", _CHECK),
    "fhir.level_one": _note("Le laboratoire n'a envoyé qu'un PDF ou un texte : document de niveau 1."),
    "fhir.value_missing": _hold("Le résultat {code} n'a ni valeur ni raison de son absence.", _CHECK),
    "fhir.value_missing_explained": _warn("Le résultat {code} n'a pas de valeur ; sa raison ou sa note l'accompagne."),
    "fhir.value_as_text": _note("La valeur du résultat {code} ({kind}) est rendue en texte."),
    "fhir.value_not_carried": _hold("La valeur du résultat {code} ({kind}) ne peut pas être reprise.", _CHECK),
    "fhir.several_loinc": _warn(
        "Plusieurs codes LOINC différents sont envoyés pour {code} : aucun n'est repris.", _TABLE
    ),
    "fhir.loinc_malformed": _warn("Le code LOINC envoyé pour {code} n'en est pas un : il n'est pas repris."),
    "fhir.several_ranges": _warn("Plusieurs intervalles de référence pour {code} : rendus en texte."),
    "fhir.range_as_text": _note("L'intervalle de référence de {code} est rendu en texte."),
    "fhir.range_reversed": _warn("Les valeurs de référence de {code} sont inversées : rendues en texte."),
    "fhir.specimen_differs": _hold(
        "Des résultats d'un même groupe viennent d'échantillons différents, ce que le compte rendu ne peut pas dire.",
        "Envoyez un groupe (Observation et hasMember) par échantillon.",
        may_override=False,
    ),
    "fhir.specimen_unfit": _warn("L'échantillon est signalé indisponible ou non satisfaisant : c'est dit au lecteur."),
    "fhir.isolate_ambiguous": _hold(
        "L'antibiotique {code} ne peut pas être rattaché à un germe avec certitude.", _CHECK
    ),
    "fhir.narrative": _hold(
        "Le texte de la ressource dit plus que ses éléments (additional) : il n'est pas repris.", _CHECK
    ),
    "fhir.section_text": _hold("Une section n'a que du texte : il n'est pas repris.", _CHECK),
    "fhir.attachment_not_carried": _hold(
        "Un document présenté n'est ni un PDF ni un texte : il ne peut pas être porté par le compte rendu.", _CHECK
    ),
    "fhir.several_pdf": _hold("Plusieurs documents accompagnent le compte rendu : seul le dernier est porté.", _CHECK),
    "fhir.images": _hold("Des images accompagnent le compte rendu : elles ne sont pas reprises.", _CHECK),
    "fhir.several_report_numbers": _refuse(
        "Plusieurs numéros possibles pour ce compte rendu.", "N'en gardez qu'un, ou un seul « official »."
    ),
    "mapping.unmapped_code": _warn("Le code local {code} n'est relié à aucun code LOINC.", _TABLE),
    "mapping.unmapped_unit": _warn("L'unité « {unit} » du résultat {code} n'est reliée à aucune unité UCUM.", _TABLE),
    "mapping.unit_contradicts": _hold(
        "L'unité « {unit} » du résultat {code} n'est pas celle que la table du laboratoire lui donne : rendu en texte.",
        _TABLE,
    ),
    "fhir.unit_contradicts": _hold(
        "L'unité écrite du résultat {code} n'est pas celle de son code UCUM : rendu en texte.",
        "Faites corriger l'unité par le laboratoire.",
        may_override=False,
    ),
    "mapping.unit_missing": _note("Le résultat numérique {code} n'a pas d'unité : rendu en texte."),
    "mapping.loinc_differs": _warn(
        "Le code LOINC envoyé avec {code} diffère de celui de la table du laboratoire ; la table est suivie.", _CHECK
    ),
    "mapping.unmapped_value": _note("La valeur codée du résultat {code} n'est reliée à aucun code officiel.", _TABLE),
    "mapping.unmapped_specimen": _note("Le prélèvement {code} n'est relié à aucun type officiel.", _TABLE),
    "mapping.unmapped_flag": _note(
        "L'indicateur du résultat {code} n'a pas de code officiel : rendu en texte.", _TABLE
    ),
    "mapping.flag_against_range": _warn(
        "L'indicateur d'anomalie du résultat {code} contredit ses valeurs de référence ; il est gardé tel quel.", _CHECK
    ),
    "mapping.chapter_fallback": _warn(
        "Aucun chapitre reconnu pour {code} : rangé en « Biologie polyvalente ».", _TABLE
    ),
    "mapping.validator_missing": _hold(
        "Aucun biologiste ne valide ce compte rendu.",
        "Nommez-le (DiagnosticReport.resultsInterpreter), ou déclarez le biologiste par défaut convenu.",
        may_override=False,
    ),
    "mapping.validator_unknown": _hold(
        "Le valideur {code} n'est pas un biologiste connu de ce laboratoire.",
        "Ajoutez ce biologiste à l'annuaire du laboratoire, puis rejouez le message.",
        may_override=False,
    ),
    "mapping.default_biologist": _note("Le message ne nomme pas de valideur : le biologiste par défaut est retenu."),
    "mapping.several_validators": _hold("Les résultats sont validés par des biologistes différents.", _CHECK),
    "mapping.prescriber_missing": _note("Le prescripteur n'est pas transmis."),
    "mapping.prescribers_differ": _warn("Les demandes de ce compte rendu ont des prescripteurs différents."),
    "mapping.prescriber_unknown": _note(
        "Le prescripteur n'est pas dans l'annuaire du laboratoire.", "Ajoutez-le pour connaître son adresse MSSanté."
    ),
    "mapping.professional_unnamed": _note("Un professionnel est transmis sans nom : il n'est pas repris."),
    "mapping.professional_differs": _hold(
        "Le numéro du professionnel désigne quelqu'un d'autre dans l'annuaire du laboratoire.",
        "Vérifiez l'annuaire du laboratoire : le compte rendu pourrait partir au mauvais destinataire.",
        may_override=False,
    ),
    "mapping.created_at_reception": _note("La date du compte rendu est absente : la date de réception en tient lieu."),
    "mapping.act_start_missing": _note(
        "La date de prise en charge est absente : la date du compte rendu en tient lieu."
    ),
    "mapping.facility_type_missing": _hold(
        "Le secteur d'activité du laboratoire n'est pas déclaré.", "Complétez la configuration du laboratoire."
    ),
}

RULES: Mapping[str, Rule] = {**_FORM, **_DOCUMENT, **_PATIENT, **_REPORT}
"""Finding code → rule."""
