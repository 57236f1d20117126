"""Comment (FR-Commentaire-ER, IHE PCC 1.3.6.1.4.1.19376.1.5.3.1.4.2): an act whose words are in the narrative."""

from __future__ import annotations

from engine.cda.codes import COMMENT, COMMENT_ENTRY
from engine.cda.datatypes import coded, template_ids, text_reference
from engine.cda.xml import Element, Origins, el
from engine.model.laboratory import Comment


def comment_act(comment: Comment, narrative_id: str, origins: Origins) -> Element:
    act = el(
        "act",
        template_ids(COMMENT_ENTRY),
        coded("code", COMMENT),
        text_reference(narrative_id),
        el("statusCode", code="completed"),
        classCode="ACT",
        moodCode="EVN",
    )
    return origins.mark(act, comment.origin)


def comment_relationships(comments: tuple[Comment, ...], key: str, origins: Origins) -> tuple[Element, ...]:
    """Comments of a result, under the IDs `key-comment1`…"""
    return tuple(
        el("entryRelationship", comment_act(comment, f"{key}-comment{rank}", origins), typeCode="SUBJ")
        for rank, comment in enumerate(comments, 1)
    )


def comment_components(comments: tuple[Comment, ...], key: str, origins: Origins) -> tuple[Element, ...]:
    """Comments of an organizer, under the IDs `key-comment1`…"""
    return tuple(
        el("component", comment_act(comment, f"{key}-comment{rank}", origins))
        for rank, comment in enumerate(comments, 1)
    )
