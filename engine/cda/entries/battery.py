"""A group of results: organizer BATTERY, IHE PaLM 1.3.6.1.4.1.19376.1.3.1.4, FR-Batterie-examens."""

from __future__ import annotations

from engine.cda.codes import BATTERY
from engine.cda.datatypes import template_ids
from engine.cda.entries.comment import comment_components
from engine.cda.entries.observation import concept_code, observation
from engine.cda.xml import Element, Origins, el
from engine.model.laboratory import Battery, Result


def battery_organizer(battery: Battery, key: str, origins: Origins) -> Element:
    """Its results stand under `key-1`… in the narrative, its title under `key-label`."""
    concept = battery.concept
    organizer = el(
        "organizer",
        template_ids(BATTERY),
        None if concept is None else concept_code(concept, f"{key}-label"),
        el("statusCode", code=group_status(battery.results)),
        observations(battery.results, key, origins),
        comment_components(battery.comments, key, origins),
        classCode="BATTERY",
        moodCode="EVN",
    )
    return origins.mark(organizer, battery.origin)


def observations(results: tuple[Result, ...], key: str, origins: Origins) -> tuple[Element, ...]:
    return tuple(
        el("component", observation(result, f"{key}-{rank}", origins)) for rank, result in enumerate(results, 1)
    )


def group_status(results: tuple[Result, ...]) -> str:
    """aborted when everything in the group was cancelled."""
    return "aborted" if results and all(result.status == "aborted" for result in results) else "completed"
