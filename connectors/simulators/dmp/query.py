"""TD3.1b: ITI-18 GetDocuments, by uniqueId or entryUUID; the one query open to indirect authentication."""

from __future__ import annotations

import re

from connectors.simulators.dmp.answers import leaf, object_ref, query_response
from connectors.simulators.dmp.registry import Entry, Registry, patient_key
from connectors.simulators.dmp.soap import SoapFault
from connectors.simulators.dmp.vihf import Vihf
from connectors.simulators.metadata.vocabulary import DELETED, QUERY, RIM
from connectors.simulators.problems import Problem
from connectors.simulators.xml import Element

ACTION = "urn:ihe:iti:2007:RegistryStoredQuery"
GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
_UNIQUE_ID = "$XDSDocumentEntryUniqueId"
_ENTRY_UUID = "$XDSDocumentEntryEntryUUID"
_LIST = re.compile(r"\(\s*'[^']*'(?:\s*,\s*'[^']*')*\s*\)")


def query_answer(payload: Element, vihf: Vihf, registry: Registry, *, hides_deleted: bool) -> Element:
    """The answer to a stored query; a document of another patient is not found. One that was deleted is, with its
    status (no ITI-57 takes an entry away), unless `hides_deleted`: what the DMP does is not public."""
    if payload.tag != f"{{{QUERY}}}AdhocQueryRequest":
        raise SoapFault("AdhocQueryRequest attendu")
    option = payload.find(f"{{{QUERY}}}ResponseOption")
    return_type = option.get("returnType") if option is not None else None
    if return_type not in ("ObjectRef", "LeafClass"):
        return query_response((), [Problem("XDSRegistryError", "returnType ObjectRef ou LeafClass attendu")])
    query = payload.find(f"{{{RIM}}}AdhocQuery")
    if query is None or query.get("id") != GET_DOCUMENTS:
        return query_response((), [Problem("XDSUnknownStoredQuery", "requête inconnue ou fermée à ce mode")])
    found = _found(query, registry)
    if isinstance(found, Problem):
        return query_response((), [found])
    patient = patient_key(vihf.patient_id)
    entries = [e for e in found if e.patient == patient and not (hides_deleted and e.status == DELETED)]
    return query_response(object_ref(e) if return_type == "ObjectRef" else leaf(e) for e in entries)


def _found(query: Element, registry: Registry) -> list[Entry] | Problem:
    slots = query.findall(f"{{{RIM}}}Slot")
    values = {
        slot.get("name", ""): [v.text or "" for v in slot.findall(f"{{{RIM}}}ValueList/{{{RIM}}}Value")]
        for slot in slots
    }
    given = [name for name in (_UNIQUE_ID, _ENTRY_UUID) if name in values]
    if not given:
        return Problem("XDSStoredQueryMissingParam", "uniqueId ou entryUUID attendu")
    if len(given) > 1:
        return Problem("XDSStoredQueryParamNumber", "uniqueId ou entryUUID, pas les deux")
    texts = values[given[0]]
    if not texts or not all(_LIST.fullmatch(text) for text in texts):
        return Problem("XDSRegistryError", "valeurs attendues sous la forme ('a','b')", given[0])
    wanted = [value for text in texts for value in re.findall(r"'([^']*)'", text)]
    if given[0] == _ENTRY_UUID:
        return [entry for value in wanted if (entry := registry.entry(value)) is not None]
    return [entry for value in wanted for entry in registry.by_unique_id(value)]
