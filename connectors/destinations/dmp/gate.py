"""TD0.2 before feeding, unless this patient's DMP was active a short while ago."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections import OrderedDict
from datetime import UTC, datetime

from connectors.destinations.dmp import errors
from connectors.destinations.dmp.errors import Outcome
from connectors.destinations.dmp.existence import ACTION, Dmp, existence, question
from connectors.destinations.dmp.session import Session, Subject
from connectors.destinations.dmp.settings import DmpSettings
from engine.declarations import Site
from engine.errors import ParkedError, TransientError
from engine.model.parties import Ins

_KNOWN_LIMIT = 10_000


class Gate:
    """Who has an active DMP, as far as is known."""

    def __init__(self, session: Session, settings: DmpSettings, site: Site) -> None:
        self._session = session
        self._settings = settings
        self._site = site
        self._active: OrderedDict[str, float] = OrderedDict()
        """Digest of an INS whose DMP is active → instant until which that holds."""

    async def refuse_without_dmp(self, ins: Ins, subject: Subject) -> None:
        """Raises ParkedError (cause no_dmp, closed) when the patient has no DMP that takes documents."""
        key = hashlib.sha256(subject.patient_id.encode()).hexdigest()
        if not self._settings.test_existence or self._active.get(key, 0) > time.monotonic():
            return
        body = question(
            ins,
            instance_oid=self._site.instance_oid,
            software=self._site.software.name,
            query_id=str(uuid.uuid4()),
            asked_at=datetime.now(UTC),
        )
        answered = await self._session.ask("patients", ACTION, body, subject)
        try:
            found = existence(answered)
        except ValueError as error:
            raise TransientError("dmp.unreadable_answer", "La réponse du DMP (TD0.2) n'est pas lisible.") from error
        if found.dmp is None:
            raise errors.error(errors.refusal(found.error_code, ""), ambiguous=Outcome.TRANSIENT)
        if found.dmp is Dmp.ABSENT:
            raise ParkedError("dmp.no_dmp", "Le patient n'a pas de DMP : le document attend.", cause="no_dmp")
        if found.dmp is Dmp.CLOSED:
            raise ParkedError("dmp.closed", "Le DMP du patient est fermé : le document attend.", cause="closed")
        self._active[key] = time.monotonic() + self._settings.existence_max_age_seconds
        while len(self._active) > _KNOWN_LIMIT:
            self._active.popitem(last=False)
