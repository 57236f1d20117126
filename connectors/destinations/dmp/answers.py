"""What the registry's answers mean for an order."""

from __future__ import annotations

from lxml import etree

from connectors.destinations.dmp import errors
from connectors.destinations.dmp.errors import Refusal
from connectors.destinations.dmp.registry import RegistryAnswer, registry_answer
from engine.errors import PasseurError, TransientError, UncertainError


def registry(body: etree._Element, *, handed_over: bool) -> RegistryAnswer:
    """Raises UncertainError, or TransientError when nothing was handed over, for an answer that is none."""
    try:
        return registry_answer(body)
    except ValueError as error:
        raise unreadable(handed_over=handed_over) from error


def unreadable(*, handed_over: bool) -> PasseurError:
    code, words = "dmp.unreadable_answer", "La réponse du DMP n'est pas lisible"
    if handed_over:
        return UncertainError(code, f"{words} : il sera interrogé.")
    return TransientError(code, f"{words} : l'envoi sera repris de lui-même.")


def said(answer: RegistryAnswer) -> str:
    """Codes of an answer that took the document, warnings included."""
    return " ".join(["Success", *(errors.refusal(one.code, one.context).code for one in answer.errors)])


def gravest(answer: RegistryAnswer) -> Refusal:
    """What decides: errors before warnings; a failure that names nothing is a generic one."""
    graver = tuple(errors.refusal(one.code, one.context) for one in answer.errors if not one.warning)
    return errors.gravest(graver) if graver else errors.refusal("XDSRegistryError", "")
