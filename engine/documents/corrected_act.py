"""One request of a correction: what was sent again in the place it had, what was not is carried over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.documents.report_keys import (
    ActKey,
    ResultKey,
    concept_key,
    item_results,
    keyed_acts,
    keyed_results,
    organism_key,
    result_key,
)
from engine.model.laboratory import PREVIOUS_VERSION, Battery, Comment, Isolate, Item, LabAct, LaboratoryReport, Result

Occurrences = Mapping[tuple[ActKey, ResultKey], tuple[Result, ...]]


@dataclass(frozen=True, slots=True)
class Versions:
    """Both versions of a report, by request and test."""

    before: Occurrences
    now: Occurrences

    def is_moved(self, act: ActKey, key: ResultKey) -> bool:
        """Sent again, but under another request, and there was only one it could replace."""
        return (
            (act, key) not in self.now
            and any(other == key for _, other in self.now)
            and sum(other == key for _, other in self.before) == 1
        )


def versions(previous: LaboratoryReport, current: LaboratoryReport) -> Versions:
    return Versions(occurrences(previous), occurrences(current))


def occurrences(report: LaboratoryReport) -> Occurrences:
    found: dict[tuple[ActKey, ResultKey], tuple[Result, ...]] = {}
    for act_key, _, act in keyed_acts(report):
        for key, result in keyed_results(act):
            found[act_key, key] = (*found.get((act_key, key), ()), result)
    return found


def corrected_act(key: ActKey, previous: LabAct, current: LabAct | None, given: Versions) -> LabAct | None:
    """The act of the next version; None when everything it held was sent again elsewhere."""
    if current is not None and current.status == "aborted":
        return _withdrawn_act(key, previous, current, given)
    place = _Place(key, given)
    items = tuple(made for item in previous.items for made in place.items(item, current))
    if current is not None:
        items = (*items, *place.new_items(current, previous))
    carried = any(result.carried_over for result in _results_in(items))
    if not carried and (current is not None or _results_in(previous.items)):
        items = tuple(item for item in items if not (isinstance(item, Comment) and is_previous(item.origin)))
    if current is None:
        return replace(previous, items=items) if items or not previous.items else None
    if not carried:
        return replace(current, items=items)
    return replace(
        current,
        items=items,
        specimens=(*current.specimens, *(one for one in previous.specimens if _unlike(one.id, current))),
        validators=tuple(dict.fromkeys((*current.validators, *previous.validators))),
        time=current.time or previous.time,
    )


def carried_comment(comment: Comment) -> Comment:
    return replace(comment, origin=previous_origin(comment.origin))


def previous_origin(origin: str) -> str:
    """Where something stood in the message of the version before."""
    return origin if is_previous(origin) else origin + PREVIOUS_VERSION


def is_previous(origin: str) -> bool:
    return origin.endswith(PREVIOUS_VERSION)


def _results_in(items: tuple[Item, ...]) -> tuple[Result, ...]:
    return tuple(result for item in items if not isinstance(item, Comment) for result in item_results(item))


def _unlike(specimen_id: object, current: LabAct) -> bool:
    """A sample of the version before that the correction does not name again."""
    return not current.specimens or all(specimen.id != specimen_id for specimen in current.specimens)


def _withdrawn_act(key: ActKey, previous: LabAct, current: LabAct, given: Versions) -> LabAct:
    """The request was cancelled: its results stay named, without their values."""
    withdrawn = tuple(
        withdrawn_result(result) for one, result in keyed_results(previous) if (key, one) not in given.now
    )
    return replace(current, items=(*current.items, *withdrawn), specimens=current.specimens or previous.specimens)


def withdrawn_result(result: Result) -> Result:
    """The name of a result that is no longer one."""
    return Result(
        concept=result.concept,
        value=None,
        value_as_sent="",
        unit_as_sent=None,
        origin=previous_origin(result.origin),
        status="aborted",
        carried_over=True,
    )


def _carried(result: Result) -> Result:
    return replace(
        result,
        carried_over=True,
        origin=previous_origin(result.origin),
        comments=tuple(carried_comment(comment) for comment in result.comments),
    )


def _confirmed(current: Result, previous: Result | None) -> Result:
    """Status U without a value: the one before stands, confirmed by this message."""
    if current.status_as_sent != "U" or current.value_as_sent.strip() or previous is None:
        return current
    return replace(
        previous,
        origin=current.origin,
        status_as_sent="U",
        carried_over=False,
        comments=current.comments or tuple(carried_comment(comment) for comment in previous.comments),
    )


class _Place:
    """Puts the results of one act in their place, each sent one exactly once."""

    def __init__(self, act: ActKey, given: Versions) -> None:
        self._act = act
        self._given = given
        self._placed: set[ResultKey] = set()

    def items(self, item: Item, current: LabAct | None) -> tuple[Item, ...]:
        """An item of the version before, as it reads now: nothing when all its results moved."""
        if isinstance(item, Comment):
            return () if current and any(_says(other, item) for other in current.items) else (carried_comment(item),)
        if isinstance(item, Result):
            return self._results((item,), "")
        if isinstance(item, Battery):
            return self._battery(item, current)
        return self._isolate(item, current)

    def new_items(self, current: LabAct, previous: LabAct) -> tuple[Item, ...]:
        """What the correction sends that had no place yet, in its own order."""
        made: list[Item] = []
        for item in current.items:
            if isinstance(item, Comment):
                made.append(item)
            elif isinstance(item, Result):
                made.extend(self._unplaced((item,), ""))
            elif isinstance(item, Battery):
                matched = _battery_of(item, previous)
                results = self._unplaced(item.results, "")
                if results and matched is None:
                    made.append(replace(item, results=results))
                elif matched is None:
                    made.extend(item.comments)
            elif _isolate_of(item, previous) is None:
                made.append(item)
        return tuple(made)

    def _battery(self, battery: Battery, current: LabAct | None) -> tuple[Item, ...]:
        again = None if current is None else _battery_of(battery, current)
        results = self._results(battery.results, "")
        results = (*results, *self._unplaced(again.results if again else (), ""))
        comments = _comments(again, battery.comments, results)
        return (replace(again or battery, results=results, comments=comments),) if results or comments else ()

    def _isolate(self, isolate: Isolate, current: LabAct | None) -> tuple[Item, ...]:
        again = None if current is None else _isolate_of(isolate, current)
        germ = organism_key(isolate.organism)
        results = self._results(isolate.results, germ)
        drugs = self._results(isolate.antibiogram, germ)
        results = (*results, *self._unplaced(again.results if again else (), germ))
        drugs = (*drugs, *self._unplaced(again.antibiogram if again else (), germ))
        comments = _comments(again, isolate.comments, (*results, *drugs))
        return (replace(again or isolate, results=results, antibiogram=drugs, comments=comments),)

    def _results(self, results: tuple[Result, ...], germ: str) -> tuple[Result, ...]:
        made: list[Result] = []
        for result in results:
            key = result_key(result, germ)
            if (self._act, key) in self._given.now:
                made.extend(self._sent(key))
            elif not self._given.is_moved(self._act, key):
                made.append(_carried(result))
        return tuple(made)

    def _unplaced(self, results: tuple[Result, ...], germ: str) -> tuple[Result, ...]:
        return tuple(made for result in results for made in self._sent(result_key(result, germ)))

    def _sent(self, key: ResultKey) -> tuple[Result, ...]:
        """Every result sent now under this key, the first time it is asked for."""
        if key in self._placed:
            return ()
        self._placed.add(key)
        now = self._given.now[self._act, key]
        before = self._given.before.get((self._act, key), ())
        pairs = (*before, *([None] * len(now)))
        return tuple(_confirmed(result, previous) for result, previous in zip(now, pairs, strict=False))


def _says(item: Item, comment: Comment) -> bool:
    return isinstance(item, Comment) and item.text == comment.text


def _comments(
    again: Battery | Isolate | None, before: tuple[Comment, ...], results: tuple[Result, ...]
) -> tuple[Comment, ...]:
    """Comments sent now, and those of the version before where a result they may speak of is still there."""
    now = again.comments if again else ()
    if again is not None and not any(result.carried_over for result in results):
        return now
    texts = {comment.text for comment in now}
    return (*now, *(carried_comment(comment) for comment in before if comment.text not in texts))


def _battery_of(battery: Battery, act: LabAct) -> Battery | None:
    for item in act.items:
        if isinstance(item, Battery) and _battery_key(item) == _battery_key(battery):
            return item
    return None


def _battery_key(battery: Battery) -> tuple[str, str] | None:
    return None if battery.concept is None else concept_key(battery.concept)


def _isolate_of(isolate: Isolate, act: LabAct) -> Isolate | None:
    germ = organism_key(isolate.organism)
    for item in act.items:
        if isinstance(item, Isolate) and organism_key(item.organism) == germ:
            return item
    return None
