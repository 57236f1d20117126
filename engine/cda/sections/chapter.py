"""A chapter and its sub-sections: FR-CR-BIO-Chapitre and FR-CR-BIO-Sous-Chapitre (CR-BIO 2024.01)."""

from __future__ import annotations

from engine.cda.codes import CHAPTER, SUB_CHAPTER
from engine.cda.datatypes import coded, template_ids
from engine.cda.entries.laboratory_act import laboratory_entry, section_code
from engine.cda.sections.act_narrative import act_narrative
from engine.cda.xml import Element, Origins, el
from engine.model.laboratory import Chapter, LabAct
from engine.model.values import Code


def chapter_section(chapter: Chapter, key: str, origins: Origins) -> Element:
    """No text of its own: one sub-section an act, each with its narrative and its entry."""
    return el(
        "section",
        template_ids(CHAPTER),
        coded("code", chapter.code),
        el("title", chapter.title),
        tuple(
            el("component", _act_section(act, chapter.code, f"{key}-a{rank}", origins))
            for rank, act in enumerate(chapter.acts, 1)
        ),
    )


def _act_section(act: LabAct, chapter: Code, key: str, origins: Origins) -> Element:
    return el(
        "section",
        template_ids(SUB_CHAPTER),
        coded("code", section_code(act, chapter)),
        el("title", act.title),
        act_narrative(act, key),
        laboratory_entry(act, chapter, key, origins),
    )
