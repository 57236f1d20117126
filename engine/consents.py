"""Which answer of a patient holds, and what it keeps from leaving. Pure.

The latest one collected holds; one that was not collected changes nothing. Where the dates do not tell two answers
apart (the same instant, a day alone, no date) the one received later holds. Our reading of SC.DMP/CONF.06 to CONF.09
(Ségur vague 2) and of PAM-FR 2.11 (ZFA-9 to ZFA-12).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from engine.model.consent import ConsentAnswer, ConsentSubject, OppositionScope, RecordedConsent
from engine.model.values import Identifier

OPPOSITION = "opposition"
"""Cause of an order blocked because its patient opposes the feeding of their DMP."""
NOT_COLLECTED = "not_collected"
"""Cause of an order blocked because its destination wants an answer and its patient gave none."""


def link(identifier: Identifier) -> str | None:
    """The text by which a patient's answers and documents find one another: authority and number.

    None where one of the two is missing: an authority alone would link all its patients.
    """
    root, number = identifier.root.strip(), (identifier.extension or "").strip()
    return f"{root}^{number}" if root and number else None


def links(identifiers: Iterable[Identifier]) -> tuple[str, ...]:
    """Those of a patient, each once, in order."""
    return tuple(dict.fromkeys(one for identifier in identifiers if (one := link(identifier)) is not None))


def holding(answers: Iterable[RecordedConsent], subject: ConsentSubject) -> RecordedConsent | None:
    """The answer that holds for this subject; None when none was ever collected."""
    given = [one for one in answers if one.consent.subject is subject and _collected(one)]
    if not given:
        return None
    latest = max(_period(one)[0] for one in given)
    return max((one for one in given if _period(one)[1] >= latest), key=_reception)


def concerning(answers: Iterable[RecordedConsent], episode: str, scope: OppositionScope) -> tuple[RecordedConsent, ...]:
    """The answers that a document of this episode obeys; `episode` is empty where it is not known."""
    if scope is OppositionScope.PATIENT or not episode:
        return tuple(answers)
    return tuple(one for one in answers if one.consent.episode in ("", episode))


def obstacle(
    answers: Iterable[RecordedConsent], *, episode: str, scope: OppositionScope, needs_answer: bool
) -> str | None:
    """Why a document of this patient must not feed their DMP: OPPOSITION or NOT_COLLECTED; None when it may."""
    held = holding(concerning(answers, episode, scope), ConsentSubject.FEEDING)
    if held is None:
        return NOT_COLLECTED if needs_answer else None
    return OPPOSITION if held.consent.answer is ConsentAnswer.NO else None


def _collected(one: RecordedConsent) -> bool:
    return one.consent.answer is not ConsentAnswer.NOT_COLLECTED


def _period(one: RecordedConsent) -> tuple[datetime, datetime]:
    """First and last instant at which it may have been collected: it began no later than we had it, whatever its
    sender's clock says; when we had it, where no date was said."""
    said, had = one.consent.collected_at, one.recorded_at
    begins = had if said is None else min(said, had)
    return begins, one.consent.collected_until or begins


def _reception(one: RecordedConsent) -> tuple[datetime, str, int]:
    return one.recorded_at, one.message_id, one.id
