"""Sums of a document against those its metadata announce."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from connectors.simulators.metadata.ebrim import RegistryObject
from connectors.simulators.metadata.vocabulary import REPOSITORY_METADATA_ERROR
from connectors.simulators.problems import Problem


def sha1(content: bytes) -> str:
    """SHA-1 in hexadecimal: what XDS calls `hash`."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def size_and_hash_problems(entry: RegistryObject, content: bytes) -> Iterator[Problem]:
    """hash and size, where they are given, are those of the bytes."""
    for name, right in (("hash", sha1(content)), ("size", str(len(content)))):
        if entry.values(name) and tuple(v.lower() for v in entry.values(name)) != (right,):
            yield Problem(REPOSITORY_METADATA_ERROR, "n'est pas celui du document", f"{entry.where}.{name}")
