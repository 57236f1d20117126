"""Documents made to harm, each with the code of its refusal. Run as a program: all of them, within a bounded memory.

python -m tests.unit.validation.hostile MEGABYTES
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable

from engine.validation.limits import MAX_ATTRIBUTE, MAX_DEPTH, MAX_TAGS
from engine.validation.validator import Validator
from tests.unit.validation.samples import CR_BIO, nested

NOWHERE = "http://127.0.0.1:9/x.dtd"


def with_doctype(doctype: bytes, content: bytes = b"") -> bytes:
    """The sample with a DOCTYPE, and something more in its title."""
    head, rest = CR_BIO.split(b"?>", 1)
    return head + b"?>" + doctype + rest.replace(b"<title>", b"<title>" + content, 1)


def titled(content: bytes) -> bytes:
    """The sample with something more in its title."""
    return CR_BIO.replace(b"<title>", b"<title>" + content, 1)


def doctype_alone(address: str) -> bytes:
    return with_doctype(f"<!DOCTYPE x SYSTEM '{address}'>".encode())


def parameter_entity(address: str) -> bytes:
    return with_doctype(f"<!DOCTYPE x [<!ENTITY % p SYSTEM '{address}'> %p;]>".encode())


def _bomb(levels: int) -> bytes:
    entities = (b"<!ENTITY a%d '%s'>" % (level, b"&a%d;" % (level - 1) * 10) for level in range(1, levels))
    return b"<!DOCTYPE x [<!ENTITY a0 'ha'>%s]>" % b"".join(entities)


def _external(target: str) -> bytes:
    return b"<!DOCTYPE x [<!ENTITY f SYSTEM '%s'>]>" % target.encode()


def _in_utf16(content: bytes) -> bytes:
    return content.decode().replace("UTF-8", "UTF-16", 1).encode("utf-16")


_LONG = 11_000_000

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "external_entity": (lambda: with_doctype(_external("file:///etc/hostname"), b"&f;"), "xml.doctype"),
    "external_entity_in_utf16": (
        lambda: _in_utf16(with_doctype(_external("file:///etc/hostname"), b"&f;")),
        "xml.doctype",
    ),
    "external_entity_with_a_long_text": (
        lambda: with_doctype(_external("file:///etc/hostname"), b"&f;" + b"x" * _LONG),
        "xml.doctype",
    ),
    "doctype_alone": (lambda: doctype_alone(NOWHERE), "xml.doctype"),
    "parameter_entity": (lambda: parameter_entity(NOWHERE), "xml.doctype"),
    "entity_bomb_in_text": (lambda: with_doctype(_bomb(12), b"&a11;"), "xml.doctype"),
    "entity_bomb_in_attribute": (lambda: with_doctype(_bomb(12), b"<x y='&a11;'/>"), "xml.doctype"),
    "long_entity_repeated": (
        lambda: with_doctype(b"<!DOCTYPE x [<!ENTITY a '%s'>]>" % (b"x" * 100_000), b"<x y='%s'/>" % (b"&a;" * 10_000)),
        "xml.doctype",
    ),
    "unknown_entity": (lambda: titled(b"&secret;"), "xml.syntax"),
    "deep_nesting": (lambda: nested(10_000), "xml.limits"),
    "deeper_nesting": (lambda: nested(90_000), "xml.limits"),
    "nesting_just_too_deep": (lambda: nested(MAX_DEPTH + 1), "xml.limits"),
    "too_many_tags": (lambda: b"<a>" + b"<b/>" * MAX_TAGS + b"</a>", "xml.limits"),
    "a_hundred_megabytes": (lambda: b"<a>" + b"x" * 100_000_000 + b"</a>", "xml.too_large"),
    "a_very_long_text": (lambda: titled(b"x" * _LONG), "xml.limits"),
    "a_very_long_tail": (lambda: titled(b"<x/>" + b"x" * _LONG), "xml.limits"),
    "a_very_long_comment": (lambda: titled(b"<!--" + b"x" * _LONG + b"-->"), "xml."),
    "a_very_long_attribute": (lambda: titled(b"<x y='" + b"1." * MAX_ATTRIBUTE + b"'/>"), "xml.limits"),
    "a_very_long_name": (lambda: titled(b"<" + b"x" * _LONG + b"/>"), "xml."),
    "invalid_utf8": (lambda: titled(b"\xe9\xff"), "xml.encoding"),
    "control_character": (lambda: titled(b"\x01"), "xml.encoding"),
    "nul": (lambda: titled(b"\0"), "xml.encoding"),
    "nul_by_number": (lambda: titled(b"&#0;"), "xml.encoding"),
    "nothing_but_nul": (lambda: bytes(1000), "xml."),
    "unknown_encoding": (lambda: CR_BIO.replace(b"UTF-8", b"UTF-99", 1), "xml.encoding"),
    "utf7": (lambda: b"<?xml version='1.0' encoding='UTF-7'?>+ADw-x/+AD4-", "xml."),
    "utf16_cut_in_a_sign": (lambda: _in_utf16(CR_BIO)[:-1], "xml."),
    "wrong_encoding_announced": (lambda: CR_BIO.replace(b"UTF-8", b"UTF-16", 1), "xml."),
    "empty": (lambda: b"", "xml.syntax"),
    "cut_short": (lambda: CR_BIO[: len(CR_BIO) // 2], "xml.syntax"),
    "another_document": (lambda: b"<html/>", "xml.not_cda"),
    "no_namespace": (lambda: b"<ClinicalDocument/>", "xml.not_cda"),
    "two_documents": (
        lambda: b"<x xmlns:c='urn:hl7-org:v3'><c:ClinicalDocument/><c:ClinicalDocument/></x>",
        "xml.not_cda",
    ),
}
"""Name → how it is made, and how its refusal's code begins."""


def main(megabytes: int) -> int:
    resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, megabytes << 20))
    validator = Validator(None)
    said = {name: [f.code for f in validator.validate(made()).findings] for name, (made, _) in HOSTILE.items()}
    print(json.dumps(said))
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
