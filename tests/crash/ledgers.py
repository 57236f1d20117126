"""What was sent against what arrived: the laboratory's ledger, the store's file and the peers', compared at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml import etree

from connectors.simulators import DmpSimulator
from connectors.simulators.dmp.registry import Entry
from tests.crash.load import Report
from tests.crash.remains import KeptOrder
from tests.crash.scene import Scene

_HL7 = {"h": "urn:hl7-org:v3"}
_ALREADY_THERE = "XDSDuplicateUniqueIdInRegistry"

Key = tuple[str, int]
"""Number of a report, version."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A document at the DMP, as it is read there."""

    unique_id: str
    key: Key
    values: frozenset[str]
    replaces: bool


@dataclass(slots=True)
class Outcome:
    """What the comparison found. `wrong` must stay empty."""

    figures: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def check(self, right: bool, otherwise: str) -> None:
        if not right:
            self.wrong.append(otherwise)


def compared(scene: Scene, handed_at_a_death: frozenset[str]) -> Outcome:
    """Both sides' ledgers; the engine is stopped. `handed_at_a_death`: orders that a kill caught past their mark."""
    outcome = Outcome()
    sent = tuple(one for one in (*scene.sender.posted, *scene.sender.dropped) if one not in scene.refused)
    arrived = arrivals(scene.dmp)
    _messages(scene, sent, outcome)
    _dmp(arrived, sent, outcome)
    _refusals(scene, outcome)
    _mailboxes(scene, arrived, sent, outcome)
    _orders(scene, handed_at_a_death, outcome)
    return outcome


def arrivals(dmp: DmpSimulator) -> tuple[Arrived, ...]:
    """What the DMP took, oldest first."""
    return tuple(map(_arrived, dmp.entries))


def _messages(scene: Scene, sent: tuple[Report, ...], outcome: Outcome) -> None:
    kept = scene.store.messages()
    times, by_id = Counter(one.sha256 for one in kept), {one.id: one for one in kept}
    states = {one.sha256: one.state for one in kept}
    outcome.figures |= {
        "messages posted by REST": len(scene.sender.posted),
        "messages dropped in the folder": len(scene.sender.dropped),
        "messages in the store": len(kept),
    }
    for one, message_id in scene.sender.acknowledged.items():
        known = by_id.get(message_id)
        outcome.check(known is not None and known.sha256 == one.sha256, f"acknowledged and lost: {one.name}")
    taken = scene.sender.taken
    for one in (*sent, *scene.refused):
        outcome.check(times[one.sha256] == 1, f"kept {times[one.sha256]} times: {one.name}")
        outcome.check(one in scene.sender.acknowledged or one.name in taken, f"never acknowledged: {one.name}")
    for one in sent:
        state = states.get(one.sha256)
        outcome.check(state == "converted", f"{state}: {one.name}")
    for one in scene.refused:
        state, told = states.get(one.sha256), scene.is_told(one)
        outcome.check(state == "refused" and told, f"{state}, {'' if told else 'never '}told: {one.name}")


def _dmp(arrived: tuple[Arrived, ...], sent: tuple[Report, ...], outcome: Outcome) -> None:
    expected = {(one.number, one.version): one for one in sent}
    times = Counter(one.key for one in arrived)
    outcome.figures |= {
        "documents expected at the DMP": len(expected),
        "there exactly once": sum(times[key] == 1 for key in expected),
        "there more than once": sum(count > 1 for count in times.values()),
        "corrections among them": sum(version > 1 for _, version in expected),
    }
    for key in expected.keys() | times.keys():
        wanted = 1 if key in expected else 0
        outcome.check(times[key] == wanted, f"{times[key]} times at the DMP: {key}")
    for one in arrived:
        report = expected.get(one.key)
        outcome.check(report is None or one.values.issuperset(report.values), f"other values at the DMP: {one.key}")
        outcome.check(one.replaces == (one.key[1] > 1), f"wrong replacement at the DMP: {one.key}")
    _in_order("at the DMP", (one.key for one in arrived), outcome)


def _refusals(scene: Scene, outcome: Outcome) -> None:
    """A strict peer refuses nothing, but what it has already."""
    known = [code for code, _ in scene.dmp.refusals if code == _ALREADY_THERE]
    others = [told for told in (*scene.dmp.refusals, *scene.mail.refusals) if told[0] != _ALREADY_THERE]
    outcome.figures["sent again, refused as known"] = len(known)
    outcome.check(not others, f"refused by a peer: {others}")


def _mailboxes(scene: Scene, arrived: tuple[Arrived, ...], sent: tuple[Report, ...], outcome: Outcome) -> None:
    keys = {one.unique_id: one.key for one in arrived}
    received = [
        (to, keys.get(unique_id))
        for mail in scene.mail.mails
        for to in mail.recipients
        for unique_id in mail.unique_ids
    ]
    times = Counter(received)
    expected = {(to, (one.number, one.version)) for one in sent for to in one.mailboxes}
    outcome.figures |= {
        "mails expected": len(expected),
        "taken exactly once": sum(times[one] == 1 for one in expected),
        "taken more than once": sum(count > 1 for count in times.values()),
        "not taken": sum(times[one] == 0 for one in expected),
    }
    for one in times:
        outcome.check(one in expected, f"a mail nobody should have had: {one[1]}")
        outcome.check(times[one] == 1, f"{times[one]} times in one mailbox: {one[1]}")
    for box in {to for to, _ in received}:
        _in_order("in a mailbox", (key for to, key in received if to == box and key is not None), outcome)


def _orders(scene: Scene, handed_at_a_death: frozenset[str], outcome: Outcome) -> None:
    """Whatever was not delivered is seen, and only a mail caught between its end and the answer may be in doubt."""
    orders, unique_ids = scene.store.orders(), scene.store.unique_ids()
    uncertain = [one for one in orders if one.state == "uncertain"]
    kept_back = [one for one in orders if one.state == "ready" and _is_kept_back(one, uncertain)]
    for one in orders:
        at_peer = scene.dmp.submissions_count(unique_ids[one.document_id]) if not one.by_mail else scene.mails_of(one)
        if one.state == "delivered":
            outcome.check(at_peer == 1, f"delivered, {at_peer} times at the peer: order {one.id}")
        elif one.state == "uncertain":
            outcome.check(one.by_mail, f"uncertain at the DMP, which can tell: order {one.id}")
            outcome.check(one.id in handed_at_a_death, f"uncertain, and no kill caught it: order {one.id}")
            outcome.check(at_peer <= 1, f"uncertain, {at_peer} times at the peer: order {one.id}")
        else:
            outcome.check(one in kept_back, f"still {one.state}: order {one.id}")
    outcome.figures |= {
        "orders delivered": sum(one.state == "delivered" for one in orders),
        "mails still shown as uncertain": len(uncertain),
        "of which the mailbox has": sum(scene.mails_of(one) == 1 for one in uncertain),
        "mails kept back behind these": len(kept_back),
    }


def _is_kept_back(order: KeptOrder, uncertain: Iterable[KeptOrder]) -> bool:
    return any(one.lane == order.lane and one.number < order.number for one in uncertain)


def _in_order(where: str, keys: Iterable[Key], outcome: Outcome) -> None:
    latest: dict[str, int] = {}
    for number, version in keys:
        outcome.check(version > latest.get(number, 0), f"out of order {where}: {number} version {version}")
        latest[number] = version


def _arrived(entry: Entry) -> Arrived:
    root = etree.fromstring(entry.document)
    number = root.xpath("string(h:documentationOf/h:serviceEvent/h:id/@extension)", namespaces=_HL7)
    version = root.xpath("string(h:versionNumber/@value)", namespaces=_HL7)
    values = root.xpath("//h:observation/h:value/@value", namespaces=_HL7)
    assert isinstance(values, list)
    key = (str(number), int(str(version)))
    return Arrived(entry.unique_id, key, frozenset(map(str, values)), bool(entry.replaces))
