from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from decimal import Decimal
from functools import cache

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from engine.findings import Disposition, disposition
from engine.rendering.laboratory_pdf import laboratory_pdf
from engine.rendering.pdfa import pdfa_findings
from tests.unit.rendering import situations


@cache
def good() -> bytes:
    return laboratory_pdf(situations.biochemistry(), situations.VERSION, situations.SOFTWARE)


def changed(change: Callable[[Pdf], object], **saving: object) -> bytes:
    """Our own PDF/A-1b with one thing made wrong."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(good())) as pdf:
        change(pdf)
        pdf.save(out, fix_metadata_version=False, **saving)
    return out.getvalue()


def codes(pdf: bytes) -> list[str]:
    return [finding.code for finding in pdfa_findings(pdf)]


def metadata(pdf: Pdf, old: bytes, new: bytes) -> None:
    sent = pdf.Root.Metadata.read_bytes()
    assert old in sent
    pdf.Root.Metadata.write(sent.replace(old, new))


def first_form(pdf: Pdf, **keys: object) -> Stream:
    """A drawing used by the first page, with resources of its own."""
    form = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 1, 1]))
    for key, value in keys.items():
        form[f"/{key}"] = value
    resources = pdf.pages[0].Resources
    if "/XObject" not in resources:
        resources.XObject = Dictionary()
    resources.XObject.Fm0 = form
    return form


def state(pdf: Pdf, **keys: object) -> None:
    """A graphics state among the first page's resources."""
    pdf.pages[0].Resources.ExtGState = Dictionary(G0=Dictionary(**keys))


def helvetica() -> Dictionary:
    return Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)


def action(**keys: object) -> Dictionary:
    return Dictionary(Type=Name.Action, **keys)


def test_what_we_make_passes_and_so_does_a_copy_saved_by_another_writer() -> None:
    assert codes(good()) == []
    assert codes(changed(lambda pdf: None)) == []


def test_a_pdf_that_declares_nothing_is_held() -> None:
    findings = pdfa_findings(changed(lambda pdf: pdf.Root.__delattr__("Metadata")))
    assert [finding.code for finding in findings] == ["pdf.not_pdfa"]
    assert disposition(findings) is Disposition.HOLD


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<pdfaid:part>1</pdfaid:part>", b"<pdfaid:part>3</pdfaid:part>"),
        (b"<pdfaid:part>1</pdfaid:part>", b""),
        (b"<pdfaid:conformance>B</pdfaid:conformance>", b"<pdfaid:conformance>Z</pdfaid:conformance>"),
        (b"</rdf:RDF>", b"</rdf:RDF"),
        (b"<x:xmpmeta", b'<!DOCTYPE x [<!ENTITY e "1">]><x:xmpmeta'),
    ],
)
def test_a_wrong_declaration_is_held(old: bytes, new: bytes) -> None:
    assert codes(changed(lambda pdf: metadata(pdf, old, new))) == ["pdf.not_pdfa"]


def test_a_declaration_written_as_attributes_is_read() -> None:
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" pdfaid:part="1" pdfaid:conformance="b"/>'
        b"</rdf:RDF></x:xmpmeta>"
    )
    assert codes(changed(lambda pdf: pdf.Root.Metadata.write(xmp))) == []


def test_compressed_metadata_is_no_declaration() -> None:
    def compress(pdf: Pdf) -> None:
        sent = pdf.Root.Metadata.read_bytes()
        pdf.Root.Metadata.write(zlib.compress(sent), filter=Name.FlateDecode)
        del pdf.Root.Metadata.Type  # the writer would inflate it otherwise

    as_they_are = pikepdf.StreamDecodeLevel.none
    assert codes(changed(compress, stream_decode_level=as_they_are)) == ["pdf.not_pdfa"]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda pdf: pdf.Root.__delattr__("OutputIntents"), "OutputIntents"),
        (lambda pdf: pdf.Root.OutputIntents[0].__delattr__("DestOutputProfile"), "OutputIntents"),
        (lambda pdf: pdf.Root.__setattr__("OCProperties", Dictionary()), "OCProperties"),
        (
            lambda pdf: first_form(pdf).write(b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01", filter=Name.LZWDecode),
            "Filter/LZWDecode",
        ),
    ],
)
def test_a_broken_promise_is_held_with_its_place(change: Callable[[Pdf], object], where: str) -> None:
    as_they_are = pikepdf.StreamDecodeLevel.none
    findings = pdfa_findings(changed(change, compress_streams=False, stream_decode_level=as_they_are))
    assert [(finding.code, finding.where) for finding in findings] == [("pdf.not_pdfa", where)]


@pytest.mark.parametrize(
    "place",
    [
        lambda pdf: pdf.pages[0].Resources.Font.__setattr__("F9", helvetica()),
        lambda pdf: first_form(pdf, Resources=Dictionary(Font=Dictionary(F9=helvetica()))),
        lambda pdf: pdf.Root.__setattr__(
            "AcroForm", Dictionary(Fields=Array(), DR=Dictionary(Font=Dictionary(F9=pdf.make_indirect(helvetica()))))
        ),
        lambda pdf: pdf.pages[0].Resources.Font.__setattr__(
            "F9",
            Dictionary(
                Type=Name.Font,
                Subtype=Name.Type0,
                BaseFont=Name("/Any"),
                DescendantFonts=Array(
                    [Dictionary(Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name.Helvetica)],
                ),
            ),
        ),
        lambda pdf: pdf.pages[0].Resources.Font.__setattr__(
            "F9", Dictionary(Subtype=Name.TrueType, BaseFont=Name.Helvetica, FontDescriptor=Dictionary())
        ),
    ],
    ids=["page", "form", "fields", "type0", "no type"],
)
def test_a_font_left_out_is_found_wherever_it_hides(place: Callable[[Pdf], object]) -> None:
    findings = pdfa_findings(changed(place))
    assert [finding.code for finding in findings] == ["pdf.font_not_embedded"]
    assert "Helvetica" in findings[0].message


def test_an_encrypted_pdf_is_refused_whether_or_not_it_opens() -> None:
    for owner, user in (("secret", ""), ("secret", "secret")):
        sent = changed(lambda pdf: None, encryption=pikepdf.Encryption(owner=owner, user=user))
        findings = pdfa_findings(sent)
        assert "pdf.encrypted" in [finding.code for finding in findings]
        assert disposition(findings) is Disposition.REFUSE


@pytest.mark.parametrize(
    "place",
    [
        lambda pdf: pdf.Root.__setattr__("OpenAction", action(S=Name.JavaScript, JS=String("app.alert(1)"))),
        lambda pdf: pdf.Root.__setattr__(
            "Names", Dictionary(JavaScript=Dictionary(Names=Array([String("a"), action(S=Name.JavaScript)])))
        ),
        lambda pdf: pdf.pages[0].obj.__setattr__("AA", Dictionary(O=action(S=Name.Launch, F=String("cmd.exe")))),
        lambda pdf: pdf.pages[0].obj.__setattr__(
            "Annots",
            Array([pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.RichMedia, Rect=Array([0, 0, 1, 1])))]),
        ),
        lambda pdf: pdf.Root.__setattr__(
            "OpenAction", action(S=Name.GoTo, Next=Array([action(S=Name.JavaScript, JS=pdf.make_stream(b"x"))]))
        ),
        lambda pdf: pdf.Root.__setattr__("AcroForm", Dictionary(Fields=Array(), XFA=String("x"))),
    ],
    ids=["open", "names", "launch", "rich media", "chained", "xfa"],
)
def test_anything_executable_is_refused(place: Callable[[Pdf], object]) -> None:
    findings = pdfa_findings(changed(place))
    assert "pdf.script" in [finding.code for finding in findings]
    assert disposition(findings) is Disposition.REFUSE


def test_an_embedded_file_is_held() -> None:
    def embed(pdf: Pdf) -> None:
        pdf.attachments["a.xml"] = pikepdf.AttachedFileSpec(pdf, b"<a/>", filename="a.xml")

    assert codes(changed(embed)) == ["pdf.embedded_file"]


@pytest.mark.parametrize(
    "place",
    [
        lambda pdf: pdf.Root.__setattr__("OpenAction", action(S=Name.GoToR, F=String("other.pdf"))),
        lambda pdf: first_form(pdf, F=String("//server/share")),
        lambda pdf: first_form(pdf, Ref=Dictionary(F=String("other.pdf"), Page=0)),
    ],
    ids=["action", "stream", "reference form"],
)
def test_a_content_kept_elsewhere_is_held(place: Callable[[Pdf], object]) -> None:
    assert "pdf.external_reference" in codes(changed(place))


def test_a_link_to_a_web_site_is_allowed() -> None:
    link = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=Array([0, 0, 9, 9]),
        A=action(S=Name.URI, URI=String("https://www.labo-fictif.example")),
    )
    assert codes(changed(lambda pdf: pdf.pages[0].obj.__setattr__("Annots", Array([link])))) == []


@pytest.mark.parametrize(
    "place",
    [
        lambda pdf: state(pdf, ca=Decimal("0.5")),
        lambda pdf: state(pdf, BM=Name.Multiply),
        lambda pdf: pdf.pages[0].obj.__setattr__("Group", Dictionary(S=Name.Transparency)),
        lambda pdf: first_form(pdf, SMask=pdf.make_stream(b"")),
    ],
    ids=["constant", "blend mode", "group", "soft mask"],
)
def test_transparency_is_held(place: Callable[[Pdf], object]) -> None:
    assert codes(changed(place)) == ["pdf.transparency"]


@pytest.mark.parametrize("sent", [b"", b"%PDF-", b"%PDF-1.4\n", b"<html>", b"\x00" * 100, b"%PDF-1.4\n%%EOF"])
def test_what_is_no_pdf_is_refused(sent: bytes) -> None:
    findings = pdfa_findings(sent)
    assert [finding.code for finding in findings] == ["pdf.unreadable"]
    assert disposition(findings) is Disposition.REFUSE


def test_a_truncated_pdf_never_passes() -> None:
    step = max(1, len(good()) // 40)
    for size in range(0, len(good()) - 8, step):
        assert codes(good()[:size]) != []


def test_a_pdf_without_pages_is_refused() -> None:
    out = io.BytesIO()
    Pdf.new().save(out)
    assert codes(out.getvalue()) == ["pdf.unreadable"]


def test_a_file_past_the_size_limit_is_not_opened() -> None:
    assert [finding.code for finding in pdfa_findings(good(), max_bytes=1000)] == ["pdf.too_large"]


def test_a_small_file_that_inflates_beyond_measure_is_not_opened() -> None:
    bomb = zlib.compress(b"\0" * 250_000_000, 9)
    assert codes(good() + b"\n9 0 obj\n<<>>stream\n" + bomb + b"\nendstream\n") == ["pdf.too_large"]


def test_a_cycle_of_objects_ends() -> None:
    def knot(pdf: Pdf) -> None:
        form = first_form(pdf)
        form.Resources = Dictionary(XObject=Dictionary(Fm1=form))

    assert codes(changed(knot)) == []


def test_every_reason_is_given_at_once_without_words_of_the_document() -> None:
    def spoil(pdf: Pdf) -> None:
        del pdf.Root.Metadata
        pdf.pages[0].Resources.Font.F9 = helvetica()
        pdf.Root.OpenAction = action(S=Name.JavaScript, JS=String("app.alert('TESTNAISSANCE')"))

    findings = pdfa_findings(changed(spoil))
    assert {finding.code for finding in findings} == {"pdf.script", "pdf.not_pdfa", "pdf.font_not_embedded"}
    assert all("TESTNAISSANCE" not in finding.message + finding.where for finding in findings)
    assert all(finding.message and finding.remedy and finding.layer == "pdf" for finding in findings)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_bytes_whatever_raise(data: st.DataObject) -> None:
    sent = bytearray(good())
    for _ in range(data.draw(st.integers(1, 20))):
        sent[data.draw(st.integers(0, len(sent) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(pdfa_findings(bytes(sent)), tuple)
    assert isinstance(pdfa_findings(b"%PDF-1.4\n" + data.draw(st.binary(max_size=300))), tuple)
