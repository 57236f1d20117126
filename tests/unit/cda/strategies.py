"""Random laboratory reports for property tests: every shape the model allows, with awkward words."""

from __future__ import annotations

from hypothesis import strategies as st

from engine.cda.codes import LOINC, NCBI_TAXONOMY, OBSERVATION_INTERPRETATION, SNOMED_CT
from engine.model.laboratory import (
    Battery,
    Chapter,
    CodedValue,
    Comment,
    Concept,
    Interpretation,
    Interval,
    Isolate,
    LabAct,
    LaboratoryReport,
    PreviousResult,
    Quantity,
    ReferenceRange,
    Result,
    Specimen,
    TextValue,
)
from engine.model.values import Code, Identifier, Timestamp
from tests.golden.cr_bio import parties

_SIGNS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn"), include_characters="\n\t<>&\"'")
words = st.text(_SIGNS, min_size=1, max_size=12) | st.sampled_from(
    ("Commentaire :", "Résultat", "<b>", "5,30", "a\nb", " bord ", "]]>", "(N)", ",")
)
tokens = st.text("ABCabc019-_.", min_size=1, max_size=8)
origins = st.integers(1, 99).map(lambda rank: f"OBX[{rank}]")
times = st.sampled_from(("2024", "202403", "20240312", "2024031210+0100", "202403121045+0100", "20240312104500")).map(
    Timestamp
)
optional_times = st.none() | times
units = st.sampled_from(("g/L", "mmol/L", "10*9/L", "%", "{ratio}", "m[IU]/L"))
decimals = st.decimals(min_value=-9999, max_value=99999, allow_nan=False, places=2)
displays = st.none() | words
loinc = st.builds(Code, st.sampled_from(("1988-5", "22664-7", "6690-2")), st.just(LOINC), displays)
local = st.builds(Code, tokens | st.just("GLY 1"), st.just(parties.LOCAL_CODES), displays, st.none() | st.just("Labo"))
snomed = st.builds(Code, st.just("112283007"), st.sampled_from((SNOMED_CT, NCBI_TAXONOMY, "2.25.77")), displays)
concepts = st.builds(Concept, st.just("") | words, st.none() | loinc, st.lists(local, max_size=2).map(tuple))
quantities = st.builds(Quantity, decimals, units)
bounded = st.builds(
    Interval, quantities, st.none() | quantities, low_inclusive=st.booleans(), high_inclusive=st.booleans()
) | st.builds(Interval, st.none(), quantities, high_inclusive=st.booleans())
coded_values = st.builds(CodedValue, words, st.none() | snomed, st.none() | local)
values = quantities | bounded | coded_values | st.builds(TextValue, words)
comments = st.builds(Comment, words, origins)
flags = st.builds(
    Interpretation, words, st.none() | st.sampled_from("NHLASIR").map(lambda c: Code(c, OBSERVATION_INTERPRETATION))
)
ranges = st.builds(ReferenceRange, words, st.none() | bounded)
professionals = st.sampled_from((parties.BIOLOGIST, parties.SECOND_BIOLOGIST, parties.NURSE))
earlier = st.builds(PreviousResult, values, words, st.none() | words, optional_times)
few_comments = st.lists(comments, max_size=2).map(tuple)
results = st.builds(
    Result,
    concepts,
    st.none() | values,
    st.just("") | words,
    st.none() | words,
    origins,
    status=st.sampled_from(("completed", "aborted")),
    status_as_sent=st.sampled_from((None, "F", "C", "U", "X")),
    interpretations=st.lists(flags, max_size=2).map(tuple),
    reference_range=st.none() | ranges,
    time=optional_times,
    method=st.none() | st.builds(Code, tokens, st.just("1.2.250.1.213.2.3.5"), displays),
    validators=st.lists(professionals, max_size=2).map(tuple),
    previous=st.lists(earlier, max_size=2).map(tuple),
    comments=few_comments,
    carried_over=st.booleans(),
)
several = st.lists(results, max_size=3).map(tuple)
batteries = st.builds(Battery, st.none() | concepts, several, origins, few_comments)
isolates = st.builds(Isolate, coded_values, origins, several, several, few_comments)
specimens = st.builds(
    Specimen,
    st.none() | words,
    origins,
    st.none() | st.just(Code("BLD", "2.16.840.1.113883.18.311", "Sang")),
    st.none() | st.builds(Identifier, st.just("2.25.9"), tokens),
    optional_times,
    optional_times,
    st.none() | words,
    st.none() | professionals,
)
acts = st.builds(
    LabAct,
    words,
    st.integers(1, 9).map(lambda rank: f"OBR[{rank}]"),
    st.lists(batteries | results | isolates | comments, min_size=1, max_size=4).map(tuple),
    st.none() | loinc | local,
    st.sampled_from(("completed", "active", "aborted")),
    st.lists(specimens, max_size=2).map(tuple),
    st.lists(professionals, max_size=1).map(tuple),
    optional_times,
)
chapters = st.builds(
    Chapter,
    st.sampled_from(("18719-5", "18723-7", "18725-2")).map(lambda code: Code(code, LOINC, "Chapitre")),
    words,
    st.lists(acts, min_size=1, max_size=2).map(tuple),
)
reports = st.builds(
    LaboratoryReport,
    st.lists(chapters, min_size=1, max_size=2).map(tuple),
    st.sampled_from(("completed", "active")),
    few_comments,
    st.none() | comments,
    st.none() | comments,
    st.none() | words,
)
