"""Documents made to harm: each gets a finding, none an exception, and nothing is read nor called from them."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.findings import Disposition
from engine.validation.limits import MAX_DEPTH
from engine.validation.validator import Validator
from tests.unit.validation.hostile import HOSTILE, doctype_alone, parameter_entity, titled
from tests.unit.validation.listener import Listener
from tests.unit.validation.samples import CR_BIO, nested, texted

_ROOT = Path(__file__).resolve().parents[3]
_MEGABYTES = 700
_PDF = "//cda:value[@representation='B64']"


@pytest.fixture(scope="module")
def validator() -> Validator:
    return Validator(None)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_with_its_reason(validator: Validator, name: str) -> None:
    made, code = HOSTILE[name]
    report = validator.validate(made())
    assert [run.name for run in report.layers] == ["xml"]
    (finding,) = report.findings
    assert finding.code.startswith(code)
    assert finding.disposition is Disposition.REFUSE
    assert not report.may_leave
    assert finding.message.startswith(("Le document", "Ce fichier"))
    assert finding.remedy


def test_the_whole_corpus_is_refused_within_a_bounded_memory() -> None:
    child = subprocess.run(
        [sys.executable, "-m", "tests.unit.validation.hostile", str(_MEGABYTES)],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 0, child.stderr[-2000:]
    said = json.loads(child.stdout)
    assert said.keys() == HOSTILE.keys()
    for name, (_, code) in HOSTILE.items():
        assert [one.startswith(code) for one in said[name]] == [True], name


def test_the_addresses_a_document_names_are_never_called(validator: Validator) -> None:
    with Listener() as listener:
        address = listener.address
        documents = (
            titled(f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{address}"/>'.encode()),
            CR_BIO.replace(b"<ClinicalDocument ", f'<?xml-stylesheet href="{address}"?><ClinicalDocument '.encode(), 1),
            CR_BIO.replace(
                b"<ClinicalDocument ",
                f'<ClinicalDocument xmlns:x="http://www.w3.org/2001/XMLSchema-instance" '
                f'x:schemaLocation="urn:hl7-org:v3 {address}" x:noNamespaceSchemaLocation="{address}" '.encode(),
                1,
            ),
            CR_BIO.replace(b"<ClinicalDocument ", f'<ClinicalDocument xml:base="{address}" '.encode(), 1),
            doctype_alone(address),
            parameter_entity(address),
        )
        for document in documents:
            assert validator.validate(document).layers
    assert listener.calls == 0


@pytest.mark.parametrize("megabytes", [1, 7, 20])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.encodebytes])
def test_a_large_file_inside_is_no_hostile_document(
    validator: Validator, megabytes: int, encode: Callable[[bytes], bytes]
) -> None:
    report = validator.validate(texted(_PDF, encode(_pdf(megabytes)).decode()))
    assert report.findings == ()
    assert report.may_leave


def test_a_fault_beside_a_large_file_is_found_at_its_line(validator: Validator) -> None:
    large = texted(_PDF, base64.b64encode(_pdf(9)).decode())
    broken = large.replace(b'<realmCode code="FR"', b'<realmCode code="US"', 1)
    broken = broken.replace(b"</structuredBody>", b"\n<component>\n<section/></component></structuredBody>", 1)
    lines = {finding.code: finding.line for finding in validator.validate(broken).findings}
    assert lines["passeur.realm"] in (_line(broken, b"<ClinicalDocument"), _line(broken, b"<realmCode"))
    assert lines["passeur.section_title"] == _line(broken, b"<section/>")


def test_a_large_file_that_is_no_base64_is_told(validator: Validator) -> None:
    content = base64.b64encode(os.urandom(12_000_000)).decode()
    report = validator.validate(texted(_PDF, content[:-8] + "*" + content[-8:]))
    assert "passeur.base64" in {finding.code for finding in report.findings}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "iso-8859-1"])
def test_a_document_in_another_encoding_is_read(validator: Validator, encoding: str) -> None:
    announced = encoding if encoding.startswith("iso") else "UTF-16"
    text = CR_BIO.decode().replace("UTF-8", announced, 1)
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    assert validator.validate((mark + text).encode(encoding)).may_leave


def test_a_document_at_the_limit_of_depth_is_judged(validator: Validator) -> None:
    deep = titled(nested(MAX_DEPTH - 2))
    assert "xml.limits" not in {finding.code for finding in validator.validate(deep).findings}
    deeper = titled(nested(MAX_DEPTH - 1))
    assert [finding.code for finding in validator.validate(deeper).findings] == ["xml.limits"]


def test_an_almost_empty_document_is_judged_not_broken(validator: Validator) -> None:
    report = validator.validate(b"<ClinicalDocument xmlns='urn:hl7-org:v3'/>")
    assert len(report.findings) > 10
    assert all(finding.code != "validation.layer_not_run" for finding in report.findings)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(content: bytes) -> None:
    assert not Validator(None).validate(content).may_leave


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(CR_BIO) - 1), st.integers(0, 255))
def test_one_wrong_byte_never_raises(position: int, byte: int) -> None:
    spoilt = CR_BIO[:position] + bytes([byte]) + CR_BIO[position + 1 :]
    report = Validator(None).validate(spoilt)
    assert all(finding.code != "validation.layer_not_run" for finding in report.findings)


def _pdf(megabytes: int) -> bytes:
    return b"%PDF-1.4\n" + os.urandom(megabytes * 1_000_000)


def _line(content: bytes, needle: bytes) -> int:
    return content[: content.index(needle)].count(b"\n") + 1
