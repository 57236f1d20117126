"""Who may feed: TLS certificate, VIHF, submission-set signature."""

# ruff: noqa: E501 - one rule a line in the tables

from __future__ import annotations

import asyncio
import ssl

import httpx2
import pytest

from connectors.simulators import DmpSimulator, Pki
from tests.unit.simulators.dmp_client import Feeding, context, feed, spoil
from tests.unit.simulators.signatures import attribute
from tests.unit.simulators.test_dmp_metadata import hidden

FAILED = "wsse:FailedCheck"
TOKEN = "wsse:InvalidSecurityToken"
CERTIFICATE = "soap:DMPInvalidCertificate"

SECRET = "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"


def _secret(text: str, value: str) -> str:
    name = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
    return spoil("</s:AttributeStatement>", attribute(name, value) + "</s:AttributeStatement>")(text)


VIHF_RULES = [
    ("a token altered after its signature", {"edit_signed_vihf": spoil("ANNE DURAND", "ANNE DUPONT")}, FAILED, "fausse"),
    ("a comment that hides half of the name", {"edit_vihf": spoil("899700000012", "899700000012<!-- -->99")}, TOKEN, "NameID"),
    ("a signature at the end", {"edit_signed_vihf": lambda t: _signature_last(t)}, FAILED, "juste après Issuer"),
    ("no signature", {"edit_signed_vihf": lambda t: _without_signature(t)}, FAILED, "juste après Issuer"),
    ("an audience", {"edit_vihf": spoil("<s:AuthnStatement", "<s:Conditions><s:AudienceRestriction><s:Audience>dmp</s:Audience>"
     "</s:AudienceRestriction></s:Conditions><s:AuthnStatement")}, TOKEN, "AudienceRestriction"),
    ("an expired token", {"edit_vihf": spoil("<s:AuthnStatement", '<s:Conditions NotOnOrAfter="2020-01-01T00:00:00Z"/><s:AuthnStatement')},
     TOKEN, "périmé"),
    ("an old token", {"edit_vihf": lambda t: t.replace(t.split('IssueInstant="')[1].split('"')[0], "2020-01-01T00:00:00.000Z", 1)},
     TOKEN, "IssueInstant"),
    ("an instant without zone", {"edit_vihf": lambda t: t.replace('000Z"><s:Issuer', '000"><s:Issuer')}, TOKEN, "IssueInstant"),
    ("another issuer", {"edit_vihf": spoil("ST=Rhône (69)", "S=Rhône (69)")}, TOKEN, "Issuer"),
    ("a name that is no national number", {"edit_vihf": spoil(">899700000012<", ">anne.durand<")}, TOKEN, "NameID"),
    ("an unknown way to log in", {"edit_vihf": spoil("classes:Password", "classes:Kerberos")}, TOKEN, "AuthnContextClassRef"),
    ("no homologation number", {"edit_vihf": spoil('"LPS_ID_HOMOLOGATION_DMP"', '"LPS_ID"')}, TOKEN, "LPS_ID_HOMOLOGATION_DMP"),
    ("an empty software name", {"edit_vihf": spoil(">PASSEUR</s:AttributeValue>", "></s:AttributeValue>")}, TOKEN, "LPS_Nom vide"),
    ("an unknown version", {"edit_vihf": spoil(">3.0<", ">2.0<")}, TOKEN, "VIHF_Version"),
    ("another resource", {"edit_vihf": spoil("urn:dmp", "urn:mss")}, TOKEN, "Ressource_URN"),
    ("direct authentication", {"edit_vihf": spoil("INDIRECTE", "DIRECTE")}, TOKEN, "INDIRECTE"),
    ("a sector without nomenclature", {"edit_vihf": spoil("SA25^1.2.250.1.71.4.2.4", "SA25")}, TOKEN, "Secteur_Activite"),
    ("break-glass access", {"edit_vihf": spoil('code="normal"', 'code="bris_de_glace"')}, TOKEN, "purposeofuse"),
    ("a doctor without speciality", {"edit_vihf": spoil('code="SM03" codeSystem="1.2.250.1.71.4.2.5"', 'code="SM03" codeSystem="1.2.3"')},
     TOKEN, "Aucune spécialité dans le vihf"),
    ("two roles in one value", {"edit_vihf": lambda t: t.replace("</s:AttributeValue><s:AttributeValue><Role", "<Role")}, TOKEN, "rôle"),
    ("a secret connection from nobody", {"edit_vihf": lambda t: _secret(t, "MASQUE_PS^1.2.250.1.213.1.1.4.13")}, TOKEN, "connexion secrète"),
    ("a secret connection misspelt", {"edit_vihf": lambda t: _secret(t, SECRET).replace("hl7:confidentiality-code", "hl7:confidentiality")},
     TOKEN, "attribut inconnu"),
    ("another structure", {"edit_vihf": spoil(">1990000002<", ">1990000010<")}, TOKEN, "Structure introuvable"),
    ("another patient", {"edit_vihf": spoil("279035121518989", "279035121518990")}, "XDSPatientIdDoesNotMatch", "VIHF"),
    ("an institution that is not the token's", {"edit_metadata": lambda t: t.replace("IDNST^^^1990000002", "IDNST^^^1990000010", 1)},
     "XDSRegistryMetadataError", "Aucun AuthorInstitution"),
]  # fmt: skip


@pytest.mark.parametrize(("spoilt", "code", "words"), [r[1:] for r in VIHF_RULES], ids=[r[0] for r in VIHF_RULES])
async def test_a_broken_vihf_is_refused(dmp: DmpSimulator, pki: Pki, spoilt, code: str, words: str) -> None:
    found = await feed(dmp, Feeding(pki, **spoilt))
    assert code in found.codes, found.text
    assert words in found.text
    assert dmp.entries == ()


async def test_a_secret_connection_takes_only_what_representatives_do_not_see(dmp: DmpSimulator, pki: Pki) -> None:
    secret = {"edit_vihf": lambda text: _secret(text, SECRET)}
    found = await feed(dmp, Feeding(pki, **secret))
    assert (found.codes, "représentants légaux" in found.text) == ({"XDSRegistryMetadataError"}, True)
    unseen = {"edit_metadata": lambda text: hidden(text, "INVISIBLE_REPRESENTANTS_LEGAUX")}
    found = await feed(dmp, Feeding(pki, **secret, **unseen))
    assert found.taken, found.text
    assert b"hl7:confidentiality-code" in dmp.entries[0].vihf


DSG_RULES = [
    ("a manifest altered after its signature", {"edit_signed_dsg": lambda t: t.replace("AA==", "AQ==")}, "fausse"),
    ("a false digest of the document", {"edit_dsg": lambda t: _other_digest(t)}, "empreinte d'un document"),
    ("a digest of the set that is not one zero byte", {"edit_dsg": lambda t: t.replace("AA==", "AQ==")}, "AA=="),
    ("a document missing from the manifest", {"edit_dsg": lambda t: _without_last_reference(t)}, "tous et eux seuls"),
    ("a later XAdES", {"edit_signed_dsg": spoil("01903/v1.1.1#", "01903/v1.3.2#")}, "deux références"),
    ("another manifest id", {"edit_signed_dsg": spoil("IHEManifest", "Manifest1")}, "#IHEManifest"),
    ("no policy", {"edit_dsg": lambda t: t.replace("<x:SignaturePolicyImplied/>", "")}, "SignaturePolicyImplied"),
    ("no signing time", {"edit_dsg": lambda t: t.replace("2026-01-02T09:20:00Z", "")}, "SigningTime vide"),
    ("no purpose", {"edit_signed_dsg": spoil("1.2.840.10065.1.12.1.14", "1.2.840.10065.1.12.1.1")}, "purposeOfSignature"),
    ("another document in its place", {"edit_signed_dsg": lambda t: "<racine/>"}, "ds:Signature"),
]  # fmt: skip


@pytest.mark.parametrize(("spoilt", "words"), [r[1:] for r in DSG_RULES], ids=[r[0] for r in DSG_RULES])
async def test_a_broken_signature_of_the_set_is_refused(dmp: DmpSimulator, pki: Pki, spoilt, words: str) -> None:
    found = await feed(dmp, Feeding(pki, **spoilt))
    assert "XDSRepositoryMetadataError" in found.codes, found.text
    assert words in found.text
    assert dmp.entries == ()


@pytest.mark.parametrize("wrong", ["client", "expired_signing", "foreign_signing"])
async def test_a_vihf_signed_with_the_wrong_certificate_is_refused(dmp: DmpSimulator, pki: Pki, wrong: str) -> None:
    found = await feed(dmp, Feeding(pki, signing=getattr(pki, wrong), dsg_signing=pki.signing))
    assert found.codes == {CERTIFICATE}
    assert found.status == 400


@pytest.mark.parametrize("wrong", ["client", "expired_signing", "foreign_signing"])
async def test_a_set_signed_with_the_wrong_certificate_is_refused(dmp: DmpSimulator, pki: Pki, wrong: str) -> None:
    found = await feed(dmp, Feeding(pki, dsg_signing=getattr(pki, wrong)))
    assert found.codes == {CERTIFICATE}


async def test_a_set_signed_by_another_structure_is_refused(dmp: DmpSimulator, pki: Pki) -> None:
    found = await feed(dmp, Feeding(pki, dsg_signing=pki.other_signing))
    assert "autre structure" in found.text


@pytest.mark.parametrize("which", ["signing", "client"])
async def test_certificates_of_two_structures_are_refused(dmp: DmpSimulator, pki: Pki, which: str) -> None:
    if which == "signing":
        found = await feed(dmp, Feeding(pki, signing=pki.other_signing))
    else:
        found = await feed(dmp, Feeding(pki), client=pki.other_client)
    assert "Structure introuvable" in found.text


@pytest.mark.parametrize("wrong", ["expired_client", "foreign_client", "signing"])
async def test_a_wrong_tls_certificate_reaches_nothing(dmp: DmpSimulator, pki: Pki, wrong: str) -> None:
    with pytest.raises((httpx2.TransportError, ssl.SSLError)):
        await feed(dmp, Feeding(pki), client=getattr(pki, wrong))
    assert dmp.max_per_second == 0


async def test_no_tls_certificate_reaches_nothing(dmp: DmpSimulator, pki: Pki) -> None:
    trust = ssl.create_default_context(cafile=str(pki.ca))
    with pytest.raises(httpx2.TransportError):
        async with httpx2.AsyncClient(verify=trust) as http:
            await http.post(dmp.url + "repository", content=b"")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_tls_older_than_1_2_reaches_nothing(dmp: DmpSimulator, pki: Pki) -> None:
    old = context(pki)
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await asyncio.open_connection("127.0.0.1", dmp.port, ssl=old)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    _, writer = await asyncio.open_connection("127.0.0.1", dmp.port, ssl=old)
    assert writer.get_extra_info("ssl_object").version() == "TLSv1.2"
    writer.close()


async def test_an_expired_server_certificate_can_be_presented(dmp: DmpSimulator, pki: Pki) -> None:
    await dmp.expire_certificate()
    with pytest.raises(httpx2.ConnectError):
        await feed(dmp, Feeding(pki))
    await dmp.expire_certificate(False)
    assert (await feed(dmp, Feeding(pki))).taken


async def test_a_test_ins_is_unknown_in_production(tmp_path, pki: Pki) -> None:
    simulator = DmpSimulator(tmp_path / "production", pki, production=True)
    await simulator.start()
    found = await feed(simulator, Feeding(pki))
    await simulator.stop()
    assert "INS de test en production" in found.text


async def test_a_real_ins_is_unknown_in_test(dmp: DmpSimulator, pki: Pki) -> None:
    found = await feed(dmp, Feeding(pki, cx="279035121518989^^^&1.2.250.1.213.1.4.8&ISO^NH"))
    assert "INS réelle en environnement de test" in found.text


def _signature_last(text: str) -> str:
    start, end = text.index("<ds:Signature "), text.index("</ds:Signature>") + len("</ds:Signature>")
    return text[:start] + text[end:].replace("</s:Assertion>", text[start:end] + "</s:Assertion>")


def _without_signature(text: str) -> str:
    return text[: text.index("<ds:Signature ")] + text[text.index("</ds:Signature>") + len("</ds:Signature>") :]


def _other_digest(text: str) -> str:
    if "Manifest" not in text:
        return text
    start = text.rindex("<ds:DigestValue>") + len("<ds:DigestValue>")
    end = text.index("<", start)
    return text[:start] + "A" * 43 + "=" + text[end:]


def _without_last_reference(text: str) -> str:
    if "Manifest" not in text:
        return text
    return text[: text.rindex("<ds:Reference ")] + "</ds:Manifest>"
