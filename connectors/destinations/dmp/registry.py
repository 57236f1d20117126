"""What is said to the registry and to the repository, and what they answer (ITI-18, ITI-41, ITI-57)."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from engine.xds.ebrim import submit_objects_request
from engine.xds.values import (
    DELETED,
    UPDATE_AVAILABILITY_STATUS,
    Association,
    Submission,
    SubmissionSet,
)
from engine.xds.vocabulary import QUERY, RIM, RS, XDS
from engine.xds.xml import Builder

PROVIDE_AND_REGISTER = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
STORED_QUERY = "urn:ihe:iti:2007:RegistryStoredQuery"
UPDATE_DOCUMENT_SET = "urn:ihe:iti:2010:UpdateDocumentSet"
_GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
_XOP = "http://www.w3.org/2004/08/xop/include"
_STATUS = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:"
_ERROR_SEVERITY = "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"

_xds = Builder(XDS, {"xds": XDS})
_query = Builder(QUERY, {"query": QUERY})
_rim = Builder(RIM, {"rim": RIM})
_xop = Builder(_XOP, {"xop": _XOP})


@dataclass(frozen=True, slots=True)
class RegistryError:
    code: str
    context: str
    """Free text of the peer: may hold patient data, never shown nor logged."""
    warning: bool


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """A document the registry knows."""

    entry_uuid: str
    status: str | None
    """availabilityStatus; None when only the reference was asked."""


@dataclass(frozen=True, slots=True)
class RegistryAnswer:
    status: str
    """Success, Failure or PartialSuccess."""
    errors: tuple[RegistryError, ...]
    entries: tuple[RegistryEntry, ...]
    """In answer to a query."""


def provide_and_register(
    sent: Submission, content_ids: tuple[tuple[str, str], ...], *, with_hash: bool
) -> etree._Element:
    """ITI-41; `content_ids` are (entry id, Content-ID of its part)."""
    documents = (
        _xds("Document", {"id": entry_id}, _xop("Include", {"href": f"cid:{content_id}"}))
        for entry_id, content_id in content_ids
    )
    return _xds(
        "ProvideAndRegisterDocumentSetRequest", None, submit_objects_request(sent, with_hash=with_hash), *documents
    )


def get_documents(unique_id: str, *, whole: bool = False) -> etree._Element:
    """ITI-18 GetDocuments: TD3.1b, from a uniqueId to its entryUUID, with its status when `whole`."""
    return_type = "LeafClass" if whole else "ObjectRef"
    value = _rim("Value", None, f"('{unique_id}')")
    slot = _rim("Slot", {"name": "$XDSDocumentEntryUniqueId"}, _rim("ValueList", None, value))
    return _query(
        "AdhocQueryRequest",
        None,
        _query("ResponseOption", {"returnComposedObjects": "true", "returnType": return_type}),
        _rim("AdhocQuery", {"id": _GET_DOCUMENTS}, slot),
    )


def deletion(submission_set: SubmissionSet, entry_uuid: str, original_status: str) -> etree._Element:
    """ITI-57: one entry becomes Deleted (TD3.3c)."""
    slots = (("OriginalStatus", (original_status,)), ("NewStatus", (DELETED,)))
    change = Association("Association01", UPDATE_AVAILABILITY_STATUS, submission_set.id, entry_uuid, slots)
    return submit_objects_request(Submission(submission_set, (), (change,)), with_hash=False)


def registry_answer(body: etree._Element) -> RegistryAnswer:
    """RegistryResponse or AdhocQueryResponse. Raises ValueError when it is neither."""
    if body.tag not in (f"{{{RS}}}RegistryResponse", f"{{{QUERY}}}AdhocQueryResponse"):
        raise ValueError("not a registry response")
    status = body.get("status", "")
    if not status.startswith(_STATUS):
        raise ValueError("no status")
    return RegistryAnswer(
        status=status.removeprefix(_STATUS),
        errors=tuple(_error(one) for one in body.iter(f"{{{RS}}}RegistryError")),
        entries=tuple(
            RegistryEntry(one.get("id", ""), one.get("status"))
            for one in body.iter(f"{{{RIM}}}ObjectRef", f"{{{RIM}}}ExtrinsicObject")
            if one.get("id")
        ),
    )


def _error(one: etree._Element) -> RegistryError:
    severity = one.get("severity", _ERROR_SEVERITY)
    return RegistryError(
        code=one.get("errorCode", "").rpartition(":")[2].strip(),
        context=one.get("codeContext", ""),
        warning=severity.endswith(":Warning"),
    )
