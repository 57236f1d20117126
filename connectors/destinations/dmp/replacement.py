"""Which document of the DMP an order replaces, and what its absence there means."""

from __future__ import annotations

from dataclasses import dataclass

from engine.context import stable_oid
from engine.errors import PermanentError
from engine.exchange import Order
from engine.model.document import DocumentVersion
from engine.model.values import Identifier
from engine.xds import datatypes


@dataclass(frozen=True, slots=True)
class Replaced:
    """A document to look for by TD3.1b."""

    unique_id: str
    missing: PermanentError | None
    """What it means that the DMP does not have it; None: the document then leaves as a new one."""


def replaced(order: Order, instance_oid: str) -> Replaced | None:
    """None for a document that replaces none.

    One that this destination took must still be there. One that it did not take is:
    - known to us, when we numbered this document: it never went to the DMP (a partial report, an identity qualified
      since, a refusal), so the new one takes nobody's place there, unless it went by another way after all;
    - the sender's, when the document came with its numbers: the sender says that it is there, and is told when it is
      not (volet Transmission de document(s) CDA-R2 en HL7v2 2.1, remplacement).
    """
    if order.replaced is not None:
        return Replaced(order.replaced.unique_id, _gone())
    version = order.package.version
    if version.replaces is None:
        return None
    missing = None if numbered_by_us(version, instance_oid) else _unknown()
    return Replaced(datatypes.unique_id(version.replaces), missing)


def numbered_by_us(version: DocumentVersion, instance_oid: str) -> bool:
    """Whether the engine gave this document its numbers (`engine.versions`); its sender did otherwise."""
    given = version.set_id
    ours = stable_oid("document", instance_oid, given.root, given.extension or "", str(version.number))
    return version.id == Identifier(ours)


def _gone() -> PermanentError:
    return PermanentError(
        "dmp.replaced_not_found",
        "La version précédente n'a pas été retrouvée seule dans le DMP : décider avec le laboratoire s'il faut "
        "renvoyer le document comme nouveau.",
    )


def _unknown() -> PermanentError:
    """By the code of ITI TF-3 4.2.4.1-2 for exactly this, which the sender's acknowledgement repeats."""
    return PermanentError(
        "dmp.XDSReplaceFailed",
        "Le document à remplacer n'est pas dans le DMP du patient : vérifier son identifiant chez l'émetteur, "
        "ou envoyer le document comme nouveau.",
        where="relatedDocument",
    )
