"""Who calls: the key a call bears, what it opens, whose documents it sees, how often it may call."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from engine.api.problems import RefusedCall
from engine.api.services import Services, services
from engine.calls import Owner
from engine.route import Api, ApiKey, Right

_bearer = HTTPBearer(auto_error=False, description="Clé de routes.yaml (api: keys ou key).")
Given = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever bears a key; with no key configured, whoever is on this machine."""

    name: str = ""
    """Of its key in routes.yaml; empty: the key with every right, or no key at all."""
    rights: frozenset[Right] = frozenset(Right)
    structure: str = ""
    """Sees the documents of that structure alone; empty: all."""
    calls_per_minute: int | None = None

    def sees(self, owner: Owner) -> bool:
        return self.structure in ("", owner.structure)


class Callers:
    """The keys of an installation, and how often each called."""

    def __init__(self, site: Api | None, key: str | None, clock: Callable[[], float] = time.monotonic) -> None:
        named = [
            (_digest(secret.encode()), _caller(one)) for one in (site.keys if site else ()) for secret in one.secrets
        ]
        self._known = [*named, *([] if key is None else [(_digest(key.encode()), Caller())])]
        self._clock = clock
        self._minutes: dict[str, tuple[float, int]] = {}

    @property
    def asked(self) -> bool:
        """Whether a call must bear a key."""
        return bool(self._known)

    def caller(self, sent: bytes) -> Caller | None:
        """Whose key it is. Every key is compared, each in a time that depends on none."""
        digest = _digest(sent)
        found = [caller for known, caller in self._known if hmac.compare_digest(known, digest)]
        return found[0] if found else None

    def wait_seconds(self, caller: Caller) -> int:
        """0 when the call may go on, else when to come back."""
        if caller.calls_per_minute is None:
            return 0
        now = self._clock()
        began, calls = self._minutes.get(caller.name, (now, 0))
        if now - began >= _MINUTE:
            began, calls = now, 0
        if calls >= caller.calls_per_minute:
            return max(1, int(began + _MINUTE - now + 0.999))
        self._minutes[caller.name] = (began, calls + 1)
        return 0


async def authorised(request: Request, given: Given) -> None:
    """Dependency of every route: the caller is known, and does not call too often."""
    callers = request.app.state.callers
    assert isinstance(callers, Callers)
    caller: Caller | None = Caller()
    if callers.asked:
        # Headers are read as ISO 8859-1; back to the bytes that were sent.
        caller = callers.caller(given.credentials.encode("iso-8859-1") if given is not None else b"")
    if caller is None:
        headers = {"WWW-Authenticate": "Bearer"}
        raise RefusedCall(401, "api.unauthorised", "clé d'API absente ou incorrecte", headers=headers)
    seconds = callers.wait_seconds(caller)
    if seconds:
        words = f"trop d'appels : {caller.calls_per_minute} par minute au plus avec cette clé"
        raise RefusedCall(429, "api.too_many_calls", words, headers={"Retry-After": str(seconds)})
    request.state.caller = caller


def caller_of(request: Request) -> Caller:
    caller = request.state.caller
    assert isinstance(caller, Caller)
    return caller


def needs(right: Right) -> Callable[[Request], Awaitable[Caller]]:
    """Dependency of the routes that a right opens."""

    async def allowed(request: Request) -> Caller:
        caller = caller_of(request)
        if right not in caller.rights:
            words = f"cette clé n'a pas le droit « {right} » : il se donne dans routes.yaml (api: keys: … rights)"
            raise RefusedCall(403, "api.forbidden", words)
        return caller

    return allowed


async def _anybody(request: Request) -> Caller:
    return caller_of(request)


async def seen(subject_id: str, caller: Caller, given: Services) -> None:
    """Raises RefusedCall (404) for what is another structure's, as for what is not there."""
    if not caller.structure:
        return
    owner = await given.store.owner(subject_id)
    if owner is None or not caller.sees(owner):
        raise RefusedCall(404, "api.unknown", "rien de ce numéro")


ForDocuments = Annotated[Caller, Depends(needs(Right.DOCUMENTS))]
ForOrders = Annotated[Caller, Depends(needs(Right.ORDERS))]
ForState = Annotated[Caller, Depends(needs(Right.STATE))]
ForMessages = Annotated[Caller, Depends(needs(Right.MESSAGES))]
ForValidation = Annotated[Caller, Depends(needs(Right.VALIDATION))]
ForAdmin = Annotated[Caller, Depends(needs(Right.ADMIN))]
Anybody = Annotated[Caller, Depends(_anybody)]
Serving = Annotated[Services, Depends(services)]


def _caller(key: ApiKey) -> Caller:
    return Caller(key.name, key.rights, key.structure, key.calls_per_minute)


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()
