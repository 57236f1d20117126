"""Examples of the OpenAPI document: invented people, ready to be called with against the demonstration."""

from __future__ import annotations

from typing import Any

PATIENT: dict[str, Any] = {
    "numbers": [{"value": "IPP0001"}],
    "ins": {"matricule": "285039900000193", "nature": "NIR", "status": "qualifiée"},
    "birth_name": "TESTNAISSANCE",
    "used_name": "FICTIVE",
    "birth_given_names": ["Hélène", "Zoé", "Marie"],
    "sex": "F",
    "birth_date": "1985-03-12",
    "birth_place": {"cog": "99000"},
}
TEXT: dict[str, Any] = {
    "document": "lettre-adressage",
    "number": "LETTRE-2026-0001",
    "patient": PATIENT,
    "author": {"rpps": "99900000011"},
    "correspondents": [{"family": "DURAND", "given": "Paul", "mailbox": "paul.durand@medecin.mssante.example"}],
    "content": {"text": "Cher confrère,\nMerci de recevoir cette patiente pour avis.\nBien confraternellement."},
}
FILE: dict[str, Any] = {
    "document": "cr-consultation",
    "number": "CR-2026-0042",
    "patient": PATIENT,
    "author": {"rpps": "99900000011"},
    "act": {"start": "2026-03-14T10:30:00+01:00"},
}
_SCHEMA = {"$ref": "#/components/schemas/DocumentRequest"}

REQUEST_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": _SCHEMA,
                "examples": {
                    "texte": {"summary": "Une lettre en texte, mise en page par Passeur", "value": TEXT},
                    "masque": {
                        "summary": "Un compte rendu sans envoi au DMP, pour cet appel seulement",
                        "value": {**TEXT, "number": "LETTRE-2026-0002", "sending": {"dmp": False}},
                    },
                },
            },
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["request"],
                    "properties": {
                        "request": _SCHEMA,
                        "file": {"type": "string", "format": "binary", "description": "Le PDF/A-1 de votre logiciel"},
                    },
                },
                "examples": {"fichier": {"summary": "Votre PDF et sa demande", "value": {"request": FILE}}},
            },
        },
    }
}
