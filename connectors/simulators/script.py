"""How a simulator is told to misbehave: behaviours consumed one per request, or drawn with a seeded chance."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What the peer does to one request (DMP: one HTTP request; mail: one RCPT or one DATA)."""

    OK = "ok"
    REFUSE = "refuse"
    """Say no with `code` and `text`. DMP: an error in the form of the transaction (RegistryError, or acknowledgement AE
    of TD0.2), or a SOAP fault when `fault`. Mail: an SMTP reply."""
    BUSY = "busy"
    """Nothing taken, try later. DMP: XDSRepositoryBusy or XDSRegistryBusy. Mail: 451."""
    FAULT = "fault"
    """DMP: SOAP fault Receiver, nothing taken. Mail: 421, then closed."""
    DELAY = "delay"
    """Wait `seconds` before treating the request, then behave."""
    LATE = "late"
    """Treat the request, then wait `seconds` before answering."""
    CUT_BEFORE_BODY = "cut_before_body"
    """Cut once the headers (mail: the DATA command) are read."""
    CUT_AFTER_BODY = "cut_after_body"
    """Read all, take it, then cut without an answer."""
    CUT_AFTER_BODY_NOT_TAKEN = "cut_after_body_not_taken"
    """Read all, take nothing, cut without an answer."""
    PARTIAL_ANSWER = "partial_answer"
    """Take it, send half of the answer, then cut. Mail: as CUT_AFTER_BODY."""
    ANSWER_TWICE = "answer_twice"
    """Take it once, answer twice."""
    HTTP_503 = "http_503"
    """Maintenance page of a proxy, nothing taken, Retry-After of `seconds`. Mail: 421."""
    HTML_502 = "html_502"
    """HTML page of a proxy, nothing taken. Mail: 421."""
    CERTIFICATE_EXPIRED = "certificate_expired"
    """The caller's certificate is said to be out of date. DMP: fault DMPInvalidCertificate. Mail: 535."""


ANY = "*"


@dataclass(frozen=True, slots=True)
class Behaviour:
    kind: Kind
    code: str = ""
    """REFUSE: DMP error code (default XDSRegistryError), or three-digit SMTP reply (default 550)."""
    text: str = ""
    """REFUSE: codeContext or reason, or text of the SMTP reply."""
    fault: bool = False
    """REFUSE at the DMP: a SOAP fault Sender with this code as subcode, in place of a RegistryError."""
    seconds: float = 0.0
    at: str = ""
    """DMP: `repository`, `registry` or `patients`; mail: `rcpt` or `data`. Empty: the one that takes documents
    (`repository`, `data`). `*`: any."""


@dataclass(slots=True)
class Script:
    """Behaviours to come. Queued ones first, in order; then the chances; then OK."""

    _queue: deque[Behaviour] = field(default_factory=deque)
    _chances: list[tuple[Behaviour, float, random.Random]] = field(default_factory=list)

    @classmethod
    def of(cls, behaviours: Iterable[Behaviour]) -> Script:
        return cls(deque(behaviours))

    def add(self, behaviour: Behaviour, *, times: int = 1) -> None:
        """Use it for the next request it is meant for, `times` times."""
        self._queue.extend([behaviour] * times)

    def chance(self, behaviour: Behaviour, *, probability: float, seed: int) -> None:
        """Use it with a probability from 0 to 1; the same seed gives the same draws."""
        if not 0 <= probability <= 1:
            raise ValueError("a probability lies between 0 and 1")
        self._chances.append((behaviour, probability, random.Random(seed)))  # noqa: S311 - not a secret

    def clear(self) -> None:
        """Behave from now on."""
        self._queue.clear()
        self._chances.clear()

    @property
    def pending(self) -> int:
        """Queued behaviours not used yet."""
        return len(self._queue)

    def take(self, step: str, *, main: bool) -> Behaviour:
        """The behaviour for this request; `main` says that the step is the one that takes documents."""
        for position, behaviour in enumerate(self._queue):
            if _meant_for(behaviour, step, main):
                del self._queue[position]
                return behaviour
        for behaviour, probability, draw in self._chances:
            if _meant_for(behaviour, step, main) and draw.random() < probability:
                return behaviour
        return OK


def _meant_for(behaviour: Behaviour, step: str, main: bool) -> bool:
    return behaviour.at in (step, ANY) or (behaviour.at == "" and main)


OK = Behaviour(Kind.OK)
