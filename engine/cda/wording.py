"""Words that Passeur itself writes in the narrative blocks, around what the laboratory sent."""

from __future__ import annotations

COLUMNS = ("Examen", "Résultat", "Unité", "Valeurs de référence", "Interprétation", "Antériorités")
SPECIMEN_COLUMNS = ("Échantillon", "Numéro", "Prélevé le", "Reçu le", "Additif", "Préleveur")

COMMENT = "Commentaire :"
PREVIOUS_COMMENT = "Commentaire de la version précédente :"
OBTAINED = "Date :"
METHOD = "Méthode :"
VALIDATED_BY = "Validé par :"
CODES = "Codes :"
VALUE_CODE = "Code du résultat :"
LOCAL_SYSTEM = "code local"
GERM = "Germe :"
ANTIBIOGRAM = "Antibiogramme"
FULL_TEXT = "Texte du compte rendu"
COMMENTS = "Commentaires"
CLINICAL_INFORMATION = "Renseignements cliniques"
PDF_COPY = "Copie du document"

CARRIED_OVER = "Résultat de la version précédente du compte rendu"
CORRECTED = "Résultat corrigé"
CONFIRMED = "Résultat confirmé"
CANCELLED = "Résultat annulé"
PARTIAL_ACT = "Résultats partiels : d'autres résultats sont attendus."
CANCELLED_ACT = "Demande annulée."
PARTIAL_REPORT = "Compte rendu partiel : d'autres résultats sont attendus."
