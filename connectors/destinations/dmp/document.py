"""What an order's document says of itself, checked against the order before anything leaves."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from connectors.destinations.dmp.settings import DmpSettings, is_oid
from engine.errors import DocumentError, ParkedError, PermanentError
from engine.exchange import Order
from engine.model.instructions import Visibility
from engine.model.parties import INS_TEST_OIDS, Ins
from engine.model.values import Identifier
from engine.xds import datatypes
from engine.xds.header import Header
from engine.xds.metadata import document_entry
from engine.xds.patient import identity
from engine.xds.values import DocumentEntry

_DOCUMENT_ID = "Document01"


def entry(order: Order, settings: DmpSettings) -> DocumentEntry:
    """The document's metadata, with who must not see it. Raises PermanentError with every problem found."""
    instructions = order.package.instructions
    if instructions.secret_connection and Visibility.INVISIBLE_REPRESENTANTS_LEGAUX not in instructions.visibility:
        raise PermanentError(
            "dmp.secret_connection",
            "En connexion secrète, seul un document non visible par les représentants légaux peut être déposé : "
            "corriger la demande chez l'émetteur, puis la renvoyer.",
        )
    try:
        found = document_entry(
            order.package.cda,
            symbolic_id=_DOCUMENT_ID,
            visibility=tuple(one.value for one in instructions.visibility),
            masked_and_invisible=settings.masked_and_invisible,
            zone=ZoneInfo(settings.time_zone),
        )
    except DocumentError as error:
        raise _refused(error) from error
    _refuse_other_document(found.unique_id, order)
    return found


def identifiers(order: Order) -> tuple[str, str | None]:
    """(uniqueId, CX of the INS) as the document itself has them; all that a deletion needs of it.

    Raises PermanentError as `entry`.
    """
    try:
        header = Header(order.package.cda, None)
        patient_id = identity(header).patient_id
        ids = header.identifiers("c:id")
        header.conclude()
    except DocumentError as error:
        raise _refused(error) from error
    found = datatypes.unique_id(ids[0]) if ids else ""
    _refuse_other_document(found, order)
    return found, patient_id


def patient(order: Order, patient_id: str | None, *, production: bool) -> Ins:
    """The qualified INS of the order, the same as the document's (`patient_id`, CX), and of our environment.

    Raises ParkedError (cause identity) without a qualified INS, PermanentError on a mismatch.
    """
    ins = order.package.patient.ins
    if ins is None or not ins.qualified:
        raise ParkedError(
            "dmp.identity", "L'identité du patient n'est pas qualifiée : le document attend.", cause="identity"
        )
    if patient_id != datatypes.patient_id(Identifier(ins.oid, ins.matricule)):
        raise PermanentError(
            "dmp.patient_mismatch",
            "Le matricule INS du document n'est pas celui du patient de l'ordre : ne pas renvoyer sans vérification.",
            where="recordTarget/patientRole/id",
        )
    if production == (ins.oid in INS_TEST_OIDS):
        raise PermanentError(
            "dmp.environment",
            "Un matricule de test ne part jamais en production."
            if production
            else "Un matricule réel ne part jamais d'une plateforme de test.",
            where="recordTarget/patientRole/id",
        )
    return ins


def accepted_id(unique_id: str, where: str = "ClinicalDocument/id") -> str:
    """A uniqueId as the DMP takes them: an OID. Raises PermanentError."""
    if "^" in unique_id:
        raise PermanentError(
            "dmp.id_with_extension",
            "Le DMP n'admet pas d'identifiant de document avec extension : l'émetteur doit donner un OID seul.",
            where=where,
        )
    if not is_oid(unique_id):
        raise PermanentError("dmp.unique_id", "L'identifiant du document n'est pas un OID.", where=where)
    return unique_id


def _refuse_other_document(unique_id: str, order: Order) -> None:
    accepted_id(unique_id)
    if unique_id != datatypes.unique_id(order.package.version.id):
        raise PermanentError(
            "dmp.document_differs",
            "Le document n'est pas celui de l'ordre : ne pas renvoyer sans vérification.",
            where="ClinicalDocument/id",
        )


def _refused(error: DocumentError) -> PermanentError:
    """The same refusal for the order, with every reason."""
    problems = " ".join(dict.fromkeys(one.message for one in error.findings)) or error.message
    return PermanentError("dmp.metadata", f"Le DMP n'accepterait pas ce document. {problems}")
