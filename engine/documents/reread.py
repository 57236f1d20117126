"""The facts of a CR-BIO read back from its bytes, by other code than wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial

from lxml import etree

from engine.cda.xml import xpath_of
from engine.documents.facts import Facts, plain

_NS = {"h": "urn:hl7-org:v3"}
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_CHAPTER = "1.3.6.1.4.1.19376.1.3.3.2.1"
_ITEM_NAMES = {"BATTERY": "Battery", "CLUSTER": "Isolate"}

Node = etree._Element


class Reader:
    """Reads one document; `broken` lists the references that lead nowhere."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._by_id = {str(node.get("ID")): node for node in root.iter("{*}*") if node.get("ID")}
        self.facts = Facts()

    def broken(self) -> Iterator[Node]:
        for node in self._root.iter(f"{{{_NS['h']}}}reference"):
            target = node.get("value", "")
            if target.startswith("#") and target[1:] not in self._by_id:
                yield node

    def read(self) -> Facts:
        number = 0
        for section in _all(self._root, "h:component/h:structuredBody/h:component/h:section"):
            if _all(section, f"h:templateId[@root='{_CHAPTER}']"):
                number += 1
                self._chapter(section, f"chapter[{number}]")
            elif _attribute(section, "h:code/@code") == "42349-1":
                words = {self._words(text) for text in _all(section, "h:entry/h:observation/h:text")}
                self.facts.say("reason", "comment", "\n".join(sorted(words)))
        return self.facts

    def _chapter(self, section: Node, path: str) -> None:
        self.facts.say(path, "code", _code(section.find("h:code", _NS)))
        self.facts.say(path, "title", _string(section.find("h:title", _NS)))
        for rank, child in enumerate(_all(section, "h:component/h:section"), 1):
            for act in _all(child, "h:entry/h:act"):
                self.facts.say(f"{path}.act[{rank}]", "title", _string(child.find("h:title", _NS)))
                self._act(act, f"{path}.act[{rank}]")

    def _act(self, act: Node, path: str) -> None:
        self._place(path, act)
        self.facts.say(path, "code", _code(act.find("h:code", _NS)))
        self.facts.say(path, "local", _codes(act, "h:code/h:translation"))
        self.facts.say(path, "status", _attribute(act, "h:statusCode/@code"))
        bounds = {str(value) for value in _all_values(act, "h:effectiveTime/h:*/@value")}
        self.facts.say(path, "time", " - ".join(sorted(bounds)))
        self._validators(act, path)
        for rank, procedure in enumerate(_all(act, "h:entryRelationship/h:procedure"), 1):
            self._specimen(procedure, f"{path}.specimen[{rank}]")
        items = _all(act, "h:entryRelationship/*[self::h:organizer or self::h:observation or self::h:act]")
        for rank, item in enumerate(items, 1):
            self._item(item, f"{path}.item[{rank}]")

    def _specimen(self, procedure: Node, path: str) -> None:
        self._place(path, procedure)
        role = "h:participant/h:participantRole"
        code = procedure.find(f"{role}/h:playingEntity/h:code", _NS)
        if code is not None:
            self.facts.say(path, "specimen", self._words(code.find("h:originalText", _NS)))
            self.facts.say(path, "code", _code(code))
        self.facts.say(path, "number", _identifier(procedure.find(f"{role}/h:id", _NS)))
        self.facts.say(path, "time", _attribute(procedure, "h:effectiveTime/@value"))
        received = _attribute(procedure, "h:entryRelationship/h:act/h:effectiveTime/@value")
        self.facts.say(path, "reception", received)
        self.facts.say(path, "additive", _string(procedure.find(f"{role}/h:playingEntity/h:desc", _NS)))
        for entity in _all(procedure, "h:performer/h:assignedEntity"):
            self.facts.say(path, "collector", _person(entity, "h:assignedPerson"))

    def _item(self, item: Node, path: str) -> None:
        self._place(path, item)
        kind = etree.QName(item).localname
        if kind == "observation":
            self.facts.values[path] = "Result"
            self._result(item, path)
        elif kind == "act":
            self.facts.values[path] = "Comment"
            self.facts.say(path, "comment", self._words(item.find("h:text", _NS)))
        else:
            self._organizer(item, path)

    def _organizer(self, organizer: Node, path: str) -> None:
        self.facts.values[path] = _ITEM_NAMES.get(organizer.get("classCode", ""), "")
        if organizer.find("h:code", _NS) is not None:
            self._concept(organizer, path)
        germ = organizer.find("h:specimen/h:specimenRole/h:specimenPlayingEntity/h:code", _NS)
        if germ is not None:
            codes = _code(germ) or _codes(germ, "h:translation")
            self.facts.say(path, "germ", f"{codes} {self._words(germ.find('h:originalText', _NS))}")
        for rank, result in enumerate(_all(organizer, "h:component/h:observation"), 1):
            self._grouped_result(result, f"{path}.result[{rank}]")
        for rank, drug in enumerate(_all(organizer, "h:component/h:organizer/h:component/h:observation"), 1):
            self._grouped_result(drug, f"{path}.drug[{rank}]")
        self._comments(_all(organizer, "h:component/h:act"), path)

    def _grouped_result(self, observation: Node, path: str) -> None:
        self._place(path, observation)
        self.facts.values[path] = "Result"
        self._result(observation, path)

    def _concept(self, node: Node, path: str) -> None:
        self.facts.say(path, "label", self._words(node.find("h:code/h:originalText", _NS)))
        self.facts.say(path, "code", _code(node.find("h:code", _NS)))
        self.facts.say(path, "local", _codes(node, "h:code/h:translation"))

    def _result(self, observation: Node, path: str) -> None:
        say = self.facts.say
        self._concept(observation, path)
        say(path, "status", _attribute(observation, "h:statusCode/@code"))
        say(path, "time", _attribute(observation, "h:effectiveTime/@value"))
        say(path, "value", " + ".join(self._value(value) for value in _all(observation, "h:value")))
        say(path, "flag", _codes(observation, "h:interpretationCode"))
        for observed in _all(observation, "h:referenceRange/h:observationRange"):
            bounds = "".join(_interval(value) for value in _all(observed, "h:value"))
            say(path, "range", f"{self._words(observed.find('h:text', _NS))} {bounds}".strip())
        say(path, "method", _codes(observation, "h:methodCode"))
        self._validators(observation, path)
        self._comments(_all(observation, "h:entryRelationship/h:act"), path)
        for rank, previous in enumerate(_all(observation, "h:entryRelationship/h:observation"), 1):
            place = f"{path}.previous[{rank}]"
            self.facts.values[place] = "PreviousResult"
            say(place, "value", " + ".join(self._value(value) for value in _all(previous, "h:value")))
            say(place, "time", _attribute(previous, "h:effectiveTime/@value"))
        self._cells(observation, path)

    def _cells(self, observation: Node, path: str) -> None:
        row = self._by_id.get(_attribute(observation, "h:text/h:reference/@value").lstrip("#"))
        cells = [] if row is None else _all(row, "h:td")
        for rank, name in ((1, "shown_value"), (2, "shown_unit"), (3, "shown_range"), (4, "shown_flag")):
            words = _contents(cells[rank]) if rank < len(cells) else []
            if name == "shown_value":
                words = words[:1]
            text = ", ".join(words)
            self.facts.values[f"{path}.{name}"] = text.split("\n")[0] if name == "shown_value" else text

    def _comments(self, acts: list[Node], path: str) -> None:
        for rank, act in enumerate(acts, 1):
            self._place(f"{path}.remark[{rank}]", act)
            self.facts.values[f"{path}.remark[{rank}].comment"] = self._words(act.find("h:text", _NS))

    def _validators(self, node: Node, path: str) -> None:
        roles = _all(node, "h:participant[@typeCode='AUTHEN']/h:participantRole")
        self.facts.say(path, "validator", ", ".join(_person(role, "h:playingEntity") for role in roles))

    def _value(self, value: Node) -> str:
        kind = value.get(_XSI_TYPE, "")
        if kind == "PQ":
            return f"PQ {value.get('value')} {value.get('unit')}"
        if kind == "IVL_PQ":
            return f"IVL_PQ {_interval(value)}"
        if kind == "CD":
            words = self._words(value.find("h:originalText", _NS))
            return f"CD {_code(value)} {_codes(value, 'h:translation')} {words}"
        return f"{kind} {plain(value.text or '')}"

    def _words(self, node: Node | None) -> str:
        """Text of the narrative that a `reference` inside the node leads to."""
        if node is None:
            return ""
        target = self._by_id.get(_attribute(node, "h:reference/@value").lstrip("#"))
        return "" if target is None else _text(target)

    def _place(self, path: str, node: Node) -> None:
        self.facts.places[path] = partial(xpath_of, node)


def _all(node: Node, path: str) -> list[Node]:
    return [found for found in _all_values(node, path) if isinstance(found, Node)]


def _all_values(node: Node, path: str) -> list[object]:
    found = _compiled(path)(node)
    return list(found) if isinstance(found, list) else []


@lru_cache(maxsize=256)
def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path, namespaces=_NS)


def _attribute(node: Node, path: str) -> str:
    return ", ".join(str(value) for value in _all_values(node, path))


def _code(node: Node | None) -> str:
    if node is None or node.get("code") is None:
        return ""
    return f"{node.get('codeSystem')}|{node.get('code')}"


def _codes(node: Node, path: str) -> str:
    return ", ".join(_code(code) for code in _all(node, path))


def _identifier(node: Node | None) -> str:
    if node is None or node.get("root") is None:
        return ""
    return f"{node.get('root')}|{node.get('extension')}"


def _person(role: Node, entity: str) -> str:
    names = [_string(part) for tag in ("given", "family") for part in _all(role, f"{entity}/h:name/h:{tag}")]
    return plain(f"{_identifier(role.find('h:id', _NS))} {' '.join(names)}")


def _interval(value: Node) -> str:
    low, high = _bound(value.find("h:low", _NS)), _bound(value.find("h:high", _NS))
    return f"[{low} ; {high}]"


def _bound(node: Node | None) -> str:
    if node is None:
        return ""
    inside = "out" if node.get("inclusive") == "false" else "in"
    return f"{node.get('value')} {node.get('unit')} {inside}"


def _string(node: Node | None) -> str:
    """ST: the text of a node without children."""
    return "" if node is None else plain(node.text or "")


def _text(node: Node | None) -> str:
    """Words of a node, a line for each `br`."""
    return "" if node is None else plain("".join(_pieces(node)))


def _pieces(node: Node) -> Iterator[str]:
    yield (node.text or "").replace("\n", " ")
    for child in node:
        if etree.QName(child).localname == "br":
            yield "\n"
        yield from _pieces(child)
        yield (child.tail or "").replace("\n", " ")


def _contents(cell: Node) -> list[str]:
    return [_text(content) for content in _all(cell, "h:content[not(@styleCode='Italics')]")]
