"""English words of what a vendor's developer meets: code → (what is wrong, what to do).

`{number}` and `{list}` stand for the number, and for the values after the colon, of the French message.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_DATE_TIME = "a date and time is expected (2026-03-14T10:30:00+01:00)"
_OBJECT = "an object is expected"

ENGLISH: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        # -- the call -------------------------------------------------------------------------------------------
        "api.busy": ("too many calls at once: come back in a second", ""),
        "api.consent_in_future": ("the date of this choice is in the future", ""),
        "api.consent_without_date": ("the date on which the patient made this choice is missing", ""),
        "api.empty_body": ("empty body: send the file or document as it is", ""),
        "api.forbidden": ("this key does not have the right this call needs (routes.yaml, api: keys: … rights)", ""),
        "api.http_404": ("nothing at this address", ""),
        "api.http_405": ("this address does not accept this method", ""),
        "api.idempotency_conflict": ("this Idempotency-Key was used for another call: take another one", ""),
        "api.idempotency_key": ("Idempotency-Key holds 1 to 255 ASCII signs, no blank", ""),
        "api.invalid_parameter": ("a parameter is not valid: {list}", ""),
        "api.invalid_request": ("some fields need mending: see errors", ""),
        "api.media_type": ("send JSON, or a form (multipart/form-data) with “request” and “file”", ""),
        "api.multipart": ("the form cannot be read", ""),
        "api.no_route": ("no route of routes.yaml starts from “documents”", "Add it: the site's administrator does."),
        "api.too_large": ("body too large: {number} bytes at most", ""),
        "api.too_many_calls": ("too many calls: {number} a minute at most with this key", ""),
        "api.too_slow": ("body interrupted: nothing came for {number} seconds", ""),
        "api.unauthorised": ("API key missing or wrong", ""),
        "api.unknown": ("nothing of this id", ""),
        "api.unknown_consent": ("no recorded choice of this id", ""),
        "api.unknown_document": ("no document of this id", ""),
        "api.unknown_file": ("this document could not be built, or does not exist", ""),
        "api.unknown_message": ("no message of this id", ""),
        "api.unreadable_body": ("the body is no readable JSON (UTF-8)", ""),
        "api.unknown_order": ("no sending order of this id", ""),
        "engine.unexpected": ("a fault of Passeur: see its log, and report it", ""),
        # -- operations -----------------------------------------------------------------------------------------
        "operations.already_deleted": ("this document is deleted already", ""),
        "operations.no_order": ("nobody would receive it: no destination of the route takes it", ""),
        "operations.not_built": ("this document could not be built", ""),
        "operations.not_held": ("only a held document can be released; a refused one must be sent again", ""),
        "operations.not_latest": ("a more recent version of this document exists: act on that one", ""),
        "operations.not_ready": ("this document was not sent: correct it or cancel its orders", ""),
        "operations.taken": ("another version was made meanwhile: read the document again", ""),
        "operations.needs_confirmation": (
            "shown to legal representatives once, it cannot be hidden from them again: confirm it (confirm: true)",
            "",
        ),
        "operations.unknown_destination": ("no destination of this name in routes.yaml", ""),
        "operations.unknown_document": ("no document of this id", ""),
        "operations.unknown_message": ("no message of this id", ""),
        "operations.unknown_order": ("no sending order of this id", ""),
        "operations.wrong_state": ("the present state of this order no longer allows it", ""),
        # -- fields of a request --------------------------------------------------------------------------------
        "request.base64_decode": ("this field is not base64", ""),
        "request.bool_parsing": ("true or false is expected", ""),
        "request.bool_type": ("true or false is expected", ""),
        "request.dataclass_type": (_OBJECT, ""),
        "request.datetime_from_date_parsing": (_DATE_TIME, ""),
        "request.datetime_parsing": (_DATE_TIME, ""),
        "request.datetime_type": (_DATE_TIME, ""),
        "request.decided_by_catalogue": ("the catalogue decides otherwise for this document: leave this field out", ""),
        "request.deleted_number": (
            "the document of this number was deleted",
            "Give the new document another number.",
        ),
        "request.empty": ("the document is empty", ""),
        "request.enum": ("one of these values is expected: {list}", ""),
        "request.extra_forbidden": ("there is no such field", ""),
        "request.greater_than_equal": ("at least {number} is expected", ""),
        "request.incomplete": ("the document is incomplete", ""),
        "request.incomplete_identity": (
            "a qualified identity has its place of birth (INSEE code)",
            "Send it, or another status.",
        ),
        "request.int_parsing": ("a whole number is expected", ""),
        "request.int_type": ("a whole number is expected", ""),
        "request.invalid": ("invalid value", ""),
        "request.json_invalid": ("the body is not readable JSON", ""),
        "request.less_than_equal": ("at most {number} is expected", ""),
        "request.literal_error": ("one of these values is expected: {list}", ""),
        "request.missing": ("this field is required", ""),
        "request.model_attributes_type": (_OBJECT, ""),
        "request.model_type": (_OBJECT, ""),
        "request.no_such_date": ("there is no such date", ""),
        "request.not_a_pdf": ("this file is not a PDF", "Make a PDF/A-1."),
        "request.not_utf8": ("the request is not written in UTF-8", "Encode the JSON in UTF-8."),
        "request.one_content": ("send the document once: a file, content.pdf, content.text or content.html", ""),
        "request.string_pattern_mismatch": ("this field has not the expected form", ""),
        "request.string_too_long": ("this text is too long ({number} characters at most)", ""),
        "request.string_too_short": ("this field is empty", ""),
        "request.string_type": ("a text is expected", ""),
        "request.timezone_aware": ("the date and time must bear their offset (+01:00)", ""),
        "request.too_long": ("at most {number} values are expected", ""),
        "request.too_short": ("at least {number} value is expected", ""),
        "request.tuple_type": ("a list is expected", ""),
        "request.unknown_professional": (
            "this code is no professional of the structure",
            "Declare that person in routes.yaml.",
        ),
        "request.unknown_structure": (
            "this API key belongs to no structure of routes.yaml",
            "Add “structures: …”, and name it at the key.",
        ),
        "request.which_document": ("say “document” (its name in the catalogue) or “kind” (your own), one of them", ""),
        # -- the catalogue --------------------------------------------------------------------------------------
        "catalogue.key": (
            "a document of the catalogue is named profession/profile/document",
            "Example: medecin/general/cr-consultation.",
        ),
        "catalogue.not_built": ("this form of the document is not produced yet", ""),
        "catalogue.unknown_document": (
            "this document is not in the catalogue, or not of this profession or profile",
            "",
        ),
        "catalogue.unknown_kind": ("this kind of document is not in the mapping table", ""),
        "catalogue.unknown_profession": ("this profession is not in the catalogue", ""),
        "catalogue.unknown_profile": ("this profile is none of the profession's", ""),
        # -- the document made of it ----------------------------------------------------------------------------
        "cda.missing_facility_type": (
            "the activity sector of the structure is unknown",
            "Complete it in the calling software or routes.yaml, then call again.",
        ),
        "cda.missing_organization": (
            "the author's structure is unknown",
            "Complete it in the calling software or routes.yaml, then call again.",
        ),
        "n1.html_attribute": ("the HTML has styling that may hide or strike text out", "Send PDF/A-1, or plain HTML."),
        "n1.html_cell": ("a table cell holds more than one plain text", "Send PDF/A-1, or plain HTML."),
        "n1.html_tag": ("the HTML has a tag that is not reducible to text", "Send PDF/A-1, or plain HTML."),
    }
)
"""Complete for every code that the API, the request and the catalogue give: a test compares."""

PHRASES = (
    ("Vouliez-vous dire ", "Did you mean "),
    ("Choix possibles : ", "Possible values: "),
    ("Aucun choix n'est connu.", "No value is known."),
    ("Le même document existe en niveau 1, avec son PDF : ", "The same document exists at level 1, with its PDF: "),
    ("Aucun document de cette profession n'est encore produit.", "No document of this profession is produced yet."),
    ("Documents déjà produits pour cette profession : ", "Documents produced for this profession: "),
    ("Professions : ", "Professions: "),
    ("Profil : ", "Profile: "),
    (" ou ", " or "),
    (" ?", "?"),
)
"""Of the remedies that name what would have done."""
