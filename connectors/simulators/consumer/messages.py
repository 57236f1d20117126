"""What a consumer reads of a message, and what it answers: with none of the code that made the message."""

from __future__ import annotations

from dataclasses import dataclass

START, END = b"\x0b", b"\x1c\r"
_KINDS = {
    "MDM^T02": ["MSH", "EVN", "PID", "PV1", "ORC", "OBR", "TXA", "OBX"],
    "MDM^T10": ["MSH", "EVN", "PID", "PV1", "ORC", "OBR", "TXA", "OBX"],
    "MDM^T04": ["MSH", "EVN", "PID", "PV1", "ORC", "OBR", "TXA", "OBX"],
    "ZAM^Z01": ["MSH", "EVN", "OBX"],
    "ZAM^Z02": ["MSH", "EVN", "OBX", "OBX"],
    "ZAM^Z03": ["MSH", "EVN", "OBX", "OBX"],
}
"""MSH-9 → the segments a message has at least, in this order."""
_PROFILES = {"MDM": "1.1^CISIS_CDA_HL7_LPS", "ZAM": "2.1^CISIS_CDA_HL7_V2"}
_CHARSETS = {"UNICODE UTF-8": "utf-8", "8859/15": "iso8859-15"}


@dataclass(frozen=True, slots=True)
class Taken:
    """A message this consumer took."""

    content: bytes
    fields: tuple[tuple[str, ...], ...]
    """Each segment's fields as sent, its name first; of MSH, `[n]` is MSH-n+1."""

    @classmethod
    def of(cls, content: bytes) -> Taken:
        """Raises ValueError when it is no message, or is not in the character set it announces."""
        if not content.startswith(b"MSH|^~\\&|") or not content.endswith(b"\r"):
            raise ValueError("no message")
        head = content.split(b"\r", 1)[0].split(b"|")
        codec = _CHARSETS[head[17].decode("ascii")] if len(head) > 17 else "ascii"
        lines = content.decode(codec).removesuffix("\r").split("\r")
        return cls(content, tuple(tuple(line.split("|")) for line in lines))

    def value(self, segment: str, number: int, rank: int = 1) -> str:
        """A field as sent: `value("OBX", 5, 2)` is OBX-5 of the second OBX; empty when absent."""
        found = [one for one in self.fields if one[0] == segment]
        if rank > len(found):
            return ""
        position = number - 1 if segment == "MSH" else number
        return found[rank - 1][position] if position < len(found[rank - 1]) else ""

    @property
    def control_id(self) -> str:
        """MSH-10."""
        return self.value("MSH", 10)

    @property
    def kind(self) -> str:
        """`ZAM^Z01`."""
        return "^".join(self.value("MSH", 9).split("^")[:2])


def problem(message: Taken) -> str:
    """Code of table 0357 and where, `101 OBX-4`; empty when nothing is wrong."""
    wanted = _KINDS.get(message.kind)
    if wanted is None:
        return "200 MSH-9"
    for number in (3, 4, 5, 6, 7, 10, 11, 12, 17, 18, 21):
        if not message.value("MSH", number):
            return f"101 MSH-{number}"
    if message.value("MSH", 12) != "2.6":
        return "203 MSH-12"
    if message.value("MSH", 21) != _PROFILES[message.kind[:3]]:
        return "203 MSH-21"
    names = iter(one[0] for one in message.fields)
    if not all(name in names for name in wanted):
        return "100 MSH"
    return _answer_problem(message) if message.kind.startswith("ZAM") else ""


def _answer_problem(message: Taken) -> str:
    for number in (3, 4, 5):
        if not message.value("OBX", number):
            return f"101 OBX-{number}"
    verdict = message.value("OBX", 5).split("^")[0]
    if verdict not in ("Y", "N"):
        return "103 OBX-5"
    if verdict == "N" and not message.value("ERR", 5):
        return "101 ERR-5"
    if message.kind != "ZAM^Z01" and not message.value("OBX", 5, 2).startswith("^^X.400^"):
        return "101 OBX[2]-5"
    return ""


def acknowledgement(message: Taken, code: str, error: str = "", *, about: str | None = None) -> bytes:
    """The ACK, without MLLP marks. `error`: `207`, or `902` for an application error; `about`: another MSA-2."""
    event = message.value("MSH", 9).split("^")[1]
    ends = [message.value("MSH", number) for number in (5, 6, 3, 4)]
    number = message.control_id if about is None else about
    msh = ["MSH", "^~\\&", *ends, "20260105093000+0000", "", f"ACK^{event}^ACK", f"A{number}"[:20]]
    lines = ["|".join([*msh, message.value("MSH", 11), "2.6", *[""] * 4, "FRA", "UNICODE UTF-8"])]
    lines.append(f"MSA|{code}|{number}")
    if error:
        application = f"{error}^^applicationErrorCondition" if error.startswith("9") else ""
        condition = "207" if application else error.split(" ")[0]
        lines.append(f"ERR|||{condition}^refus^messageErrorCondition|E|{application}")
    return "".join(f"{line}\r" for line in lines).encode()
