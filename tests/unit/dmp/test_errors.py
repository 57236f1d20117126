"""Every code of the DMP says who must act."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.destinations.dmp.errors import TABLE, Outcome, Refusal, error, fault, gravest, refusal
from engine.errors import LaneError, ParkedError, PasseurError, PermanentError, TransientError, UncertainError

EXPECTED = {
    Outcome.TRANSIENT: """XDSRepositoryBusy XDSRegistryBusy XDSRepositoryOutOfResources XDSRegistryOutOfResources
        XDSRegistryNotAvailable""",
    Outcome.AMBIGUOUS: "XDSRegistryError XDSRepositoryError",
    Outcome.PROBE: """XDSDuplicateUniqueIdInRegistry XDSReplaceFailed XDSRegistryDeprecatedDocumentError
        XDSMetadataUpdateError XDSMetadataUpdateOperationError XDSMetadataVersionError UnresolvedReferenceException
        XDSMetadataIdentifierError UnmodifiableMetadataError XDSPatientIDReconciliationError""",
    Outcome.PERMANENT: """XDSRegistryMetadataError XDSRepositoryMetadataError XDSMissingDocument
        XDSMissingDocumentMetadata XDSUnknownPatientId XDSPatientIdDoesNotMatch XDSNonIdenticalHash
        XDSNonIdenticalSize XDSUnknownStoredQuery XDSStoredQueryMissingParam XDSStoredQueryParamNumber
        XDSTooManyResults XDSResultNotSinglePatient XDSDocumentUniqueIdError XDSUnknownRepositoryId
        InvalidDocumentContent DMPAccessDeniedByRightsService""",
    Outcome.STOP_LANE: """DMPInvalidCertificate InvalidSecurity InvalidSecurityToken UnsupportedSecurityToken
        UnsupportedAlgorithm FailedAuthentication FailedCheck MessageExpired MessageAddressingHeaderRequired""",
    Outcome.CLOSED: "DMPClosed",
    Outcome.SUCCESS: """XDSExtraMetadataNotSaved DMPOk DMPOK DMPFound DMPPatientAccessAlreadyExists
        DMPPatientAccessOTPAlreadyExists""",
}


def test_every_known_code_is_classed_and_no_other() -> None:
    classed = {code: outcome for outcome, codes in EXPECTED.items() for code in codes.split()}
    assert {code: meaning.outcome for code, meaning in TABLE.items()} == classed


@pytest.mark.parametrize("code", sorted(TABLE))
def test_each_code_has_a_sentence_and_a_next_action(code: str) -> None:
    meaning = TABLE[code]
    assert meaning.sentence.endswith(".")
    assert meaning.action.endswith(".")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("XDSRepositoryBusy", TransientError),
        ("XDSRegistryError", UncertainError),
        ("XDSReplaceFailed", PermanentError),
        ("XDSUnknownPatientId", PermanentError),
        ("DMPInvalidCertificate", LaneError),
        ("DMPClosed", ParkedError),
        ("DMPQuelqueChose", PermanentError),
        ("AutreChose", PermanentError),
        ("", PermanentError),
    ],
)
def test_a_code_becomes_the_error_of_who_must_act(code: str, kind: type[PasseurError]) -> None:
    assert type(error(refusal(code, ""), ambiguous=Outcome.AMBIGUOUS)) is kind


def test_an_unknown_code_is_kept_for_the_acknowledgement() -> None:
    assert error(refusal("DMPQuelqueChose", ""), ambiguous=Outcome.AMBIGUOUS).code == "dmp.DMPQuelqueChose"


def test_an_ambiguous_code_ends_by_being_final() -> None:
    assert isinstance(error(refusal("XDSRegistryError", ""), ambiguous=Outcome.PERMANENT), PermanentError)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Structure introuvable ou Inactive", Outcome.STOP_LANE),
        ("PS et Structure non liés", Outcome.PERMANENT),
        ("Aucune spécialité dans le vihf pour ce PS", Outcome.PERMANENT),
        ("Aucun AuthorInstitution ne correspond à l'utilisateur du VIHF", Outcome.PERMANENT),
        ("A required header representing a Message Addressing Property is not present", Outcome.STOP_LANE),
    ],
)
def test_a_known_text_says_more_than_a_generic_code(text: str, outcome: Outcome) -> None:
    assert refusal("XDSRepositoryError", text).meaning.outcome is outcome
    assert fault(("Sender",), text, sender=True).meaning.outcome is outcome


@pytest.mark.parametrize(
    ("codes", "sender", "outcome"),
    [
        (("DMPInvalidCertificate", "Sender"), True, Outcome.STOP_LANE),
        (("FailedAuthentication", "Sender"), True, Outcome.STOP_LANE),
        (("Sender",), True, Outcome.STOP_LANE),
        (("DMPNouveau", "Sender"), True, Outcome.PERMANENT),
        (("Receiver",), False, Outcome.TRANSIENT),
        (("XDSRepositoryBusy", "Receiver"), False, Outcome.TRANSIENT),
    ],
)
def test_a_fault_is_classed_by_its_most_precise_code(codes: tuple[str, ...], sender: bool, outcome: Outcome) -> None:
    assert fault(codes, "", sender=sender).meaning.outcome is outcome


def test_the_gravest_of_several_errors_decides() -> None:
    found: tuple[Refusal, ...] = tuple(
        refusal(code, "") for code in ("XDSRepositoryBusy", "XDSRegistryMetadataError", "XDSRegistryError")
    )
    assert gravest(found).code == "XDSRegistryMetadataError"


@given(st.text(), st.text())
def test_the_peer_s_free_text_never_reaches_our_message(code: str, text: str) -> None:
    made = error(refusal(code, text + "279035121518989"), ambiguous=Outcome.AMBIGUOUS)
    assert "279035121518989" not in str(made)
    assert made.code.removeprefix("dmp.").replace("-", "").replace("_", "").replace(".", "").replace(":", "").isascii()
