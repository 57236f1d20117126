"""The tree of a results message: patient { request { result } }, each with what was said of it.

ORU^R01 puts ORC before OBR and SPM after the results; OUL^R22 puts SPM first and ORC after OBR. Both are read by one
small machine. Nothing is lost: what has no place is kept in `others`, `strays` or `orphans`, and said as a finding.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.formats.hl7v2.er7 import Message, Segment


@dataclass(slots=True, eq=False)
class ResultGroup:
    """OBX, with its comments (NTE) and its participants (PRT)."""

    segment: Segment
    notes: list[Segment] = field(default_factory=list)
    participants: list[Segment] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class RequestGroup:
    """OBR, its ORC, and all that is under it."""

    segment: Segment
    order: Segment | None = None
    """Its own ORC."""
    shared_order: Segment | None = None
    """The ORC of an earlier request, where one ORC stands before several OBR: only its group number holds here."""
    notes: list[Segment] = field(default_factory=list)
    results: list[ResultGroup] = field(default_factory=list)
    specimens: list[Segment] = field(default_factory=list)
    participants: list[Segment] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class PatientGroup:
    """PID and all that is under it."""

    segment: Segment
    visit: Segment | None = None
    notes: list[Segment] = field(default_factory=list)
    requests: list[RequestGroup] = field(default_factory=list)
    orphans: list[ResultGroup] = field(default_factory=list)
    """Results that stand before any request."""


@dataclass(slots=True, eq=False)
class Tree:
    header: Segment
    patients: list[PatientGroup] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)
    """Comments that stand before any patient."""
    strays: list[Segment] = field(default_factory=list)
    """Requests, results and the like that stand before any patient."""
    others: list[Segment] = field(default_factory=list)
    """Segments that have no place in the report."""
    continuation: Segment | None = None
    """DSC: the message goes on in another one."""


def tree(message: Message) -> Tree:
    """Arrange the segments of a message."""
    segments = message.segments
    builder = _Builder(Tree(segments[0]), specimen_first=_is_oul(segments[0]))
    for segment in segments[1:]:
        builder.add(segment)
    builder.end()
    return builder.tree


def _is_oul(header: Segment) -> bool:
    return (header.text("9.1") or "").strip().upper() == "OUL"


_SILENT = frozenset({"SFT", "UAC"})
"""Software and security segments: nothing of the report."""


class _Builder:
    def __init__(self, made: Tree, *, specimen_first: bool) -> None:
        self.tree = made
        self.specimen_first = specimen_first
        self.order: Segment | None = None
        """An ORC whose OBR has not come yet."""
        self.last_order: Segment | None = None
        self.specimen: Segment | None = None
        """The SPM under which requests stand (OUL)."""
        self.early: list[ResultGroup] = []
        """Results about a specimen that stand before its requests (OUL)."""
        self.notes: list[Segment] = []
        """Comments of an ORC or a specimen whose request has not come yet."""
        self.noted = made.notes
        self.result: ResultGroup | None = None
        self.opened = False
        """An OBR was the last segment that opens something."""

    def add(self, segment: Segment) -> None:
        name = segment.name
        if name in _SILENT:
            return
        if name == "DSC":
            self.tree.continuation = segment
        elif name == "PID":
            self._patient(segment)
        elif name == "NTE":
            self.noted.append(segment)
        elif not self.tree.patients and name in {"ORC", "OBR", "OBX", "SPM", "PRT", "PV1"}:
            self.tree.strays.append(segment)
        elif name == "PV1":
            self._visit(segment)
        elif name == "ORC":
            self._order(segment)
        elif name == "OBR":
            self._request(segment)
        elif name == "OBX":
            self._result(segment)
        elif name == "SPM":
            self._specimen(segment)
        elif name == "PRT":
            self._participant(segment)
        else:
            self.tree.others.append(segment)
            self.noted = self._enclosing()

    def end(self) -> None:
        """What still waited for a request goes to the last one, or is out of place."""
        request = self._current()
        if self.order is not None:
            self.tree.others.append(self.order)
        if request is not None:
            request.notes += self.notes
            request.results += self.early
        elif self.tree.patients:
            self.tree.patients[-1].notes += self.notes
            self.tree.patients[-1].orphans += self.early
        self.order, self.notes, self.early = None, [], []

    def _patient(self, segment: Segment) -> None:
        self.end()
        self.last_order = self.specimen = self.result = None
        patient = PatientGroup(segment)
        self.tree.patients.append(patient)
        self.noted = patient.notes

    def _visit(self, segment: Segment) -> None:
        patient = self.tree.patients[-1]
        if patient.visit is None:
            patient.visit = segment
        else:
            self.tree.others.append(segment)
        self.noted = self._enclosing()

    def _order(self, segment: Segment) -> None:
        opened, self.opened, self.result = self.opened, False, None
        current = self._current()
        if self.specimen_first and opened and current is not None and current.order is None:
            current.order = self.last_order = segment
            self.noted = current.notes
            return
        if self.order is not None:
            self.tree.others.append(self.order)
        self.order = segment
        self.noted = self.notes

    def _request(self, segment: Segment) -> None:
        shared = None if self.order is not None or self.specimen_first else self.last_order
        request = RequestGroup(segment, self.order, shared, [*self.notes], [*self.early])
        if self.order is not None:
            self.last_order = self.order
        if self.specimen_first and self.specimen is not None:
            request.specimens.append(self.specimen)
        self.tree.patients[-1].requests.append(request)
        self.order, self.notes, self.early, self.result = None, [], [], None
        self.noted = request.notes
        self.opened = True

    def _result(self, segment: Segment) -> None:
        self.result, self.opened = ResultGroup(segment), False
        self.noted = self.result.notes
        current = self._current()
        if self.specimen_first and self._specimen_is_new():
            self.early.append(self.result)
        elif current is None or self.order is not None:
            self.tree.patients[-1].orphans.append(self.result)
        else:
            current.results.append(self.result)

    def _specimen(self, segment: Segment) -> None:
        self.result, self.opened = None, False
        if self.specimen_first:
            self.specimen = segment
            self.noted = self.notes
            return
        current = self._current()
        if current is None:
            self.tree.strays.append(segment)
            self.noted = self._enclosing()
            return
        current.specimens.append(segment)
        self.noted = current.notes

    def _specimen_is_new(self) -> bool:
        """No request has come yet under the last SPM."""
        current = self._current()
        return self.specimen is not None and (current is None or current.specimens != [self.specimen])

    def _participant(self, segment: Segment) -> None:
        current = self._current()
        if self.result is not None:
            self.result.participants.append(segment)
        elif current is not None and self.order is None:
            current.participants.append(segment)
        else:
            self.tree.others.append(segment)

    def _current(self) -> RequestGroup | None:
        patients = self.tree.patients
        return patients[-1].requests[-1] if patients and patients[-1].requests else None

    def _enclosing(self) -> list[Segment]:
        """Where a comment goes when the segment it follows has no place for one: its request, patient or message."""
        current = self._current()
        if current is not None:
            return current.notes
        return self.tree.patients[-1].notes if self.tree.patients else self.tree.notes
