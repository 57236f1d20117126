"""The API's section of routes.yaml, its keys and what each opens, as the values the API is given."""

from __future__ import annotations

from collections.abc import Iterator

from engine.config.laboratories import Remark
from engine.config.model import ApiKeySection, ApiSection
from engine.config.problems import nearest
from engine.route import Api, ApiKey, Right

_LEAST_SIGNS = 16
"""Of a key: below that it could be found by trying."""


def api(section: ApiSection | None) -> Api | None:
    if section is None:
        return None
    keys = tuple(_key(name, one) for name, one in section.keys.items())
    return Api(
        host=section.host,
        port=section.port,
        key=section.key.get_secret_value() if section.key else _of_the_command_line(keys),
        laboratory=section.laboratory,
        max_body_bytes=section.max_body_bytes,
        keys=keys,
        calls_at_once=section.calls_at_once,
    )


def key_remarks(section: ApiSection, structures: frozenset[str]) -> Iterator[Remark]:
    """What is wrong in the keys; none of their values is quoted."""
    owners: dict[str, str] = {} if section.key is None else {section.key.get_secret_value(): "key"}
    for name, one in section.keys.items():
        place = ("keys", name)
        if one.structure is not None and one.structure not in structures:
            words = f"structure inconnue « {one.structure} »"
            yield Remark((*place, "structure"), words, nearest(one.structure, structures))
        whole = {"messages", "admin"} & set(one.rights)
        if one.structure is not None and whole:
            words = f"le droit « {min(whole)} » ouvre toute l'installation, cette clé est celle d'une structure"
            yield Remark((*place, "rights"), words, "retirez ce droit, ou donnez-le à une autre clé")
        for option, secret in (("key", one.key), ("previous_key", one.previous_key)):
            value = secret.get_secret_value() if secret is not None else None
            if not value:
                continue
            if len(value) < _LEAST_SIGNS:
                yield Remark((*place, option), f"clé trop courte : {_LEAST_SIGNS} signes au moins", "tirez-la au sort")
            if value in owners:
                yield Remark((*place, option), f"cette clé est déjà celle de « {owners[value]} »", "une clé par nom")
            owners[value] = name


def _key(name: str, section: ApiKeySection) -> ApiKey:
    secrets = [section.key] if section.previous_key is None else [section.key, section.previous_key]
    return ApiKey(
        name=name,
        secrets=tuple(one.get_secret_value() for one in secrets),
        rights=frozenset(Right(one) for one in section.rights),
        structure=section.structure or "",
        calls_per_minute=section.calls_per_minute,
    )


def _of_the_command_line(keys: tuple[ApiKey, ...]) -> str | None:
    """The key that opens most, where it is one of the site's own."""
    of_the_site = [one for one in keys if Right.ADMIN in one.rights]
    return max(of_the_site, key=lambda one: len(one.rights)).secrets[0] if of_the_site else None
