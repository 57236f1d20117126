"""Only the first rule that matches a node applies to it, whatever form the compiler gave the pattern."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.validation.where import place
from tests.unit.validation.schemas import failures, schema

_STEPS = st.sampled_from(["n", "m", "*", "n[@x]", "n[not(@x)]", "m[n]", "n[@x='1']", "*[@x]", "m[2]"])
_CONTEXTS = st.lists(_STEPS, min_size=1, max_size=3).map(lambda steps: "//" + "/".join(steps))


@st.composite
def _documents(draw: st.DrawFn) -> str:
    def node(depth: int) -> str:
        name = draw(st.sampled_from(["n", "m"]))
        attribute = draw(st.sampled_from(["", " x='1'", " x='2'"]))
        count = draw(st.integers(0, 3)) if depth < 3 else 0
        return f"<{name}{attribute}>{''.join(node(depth + 1) for _ in range(count))}</{name}>"

    return f"<root>{node(0)}{node(0)}</root>"


def _expected(contexts: list[str], document: str) -> list[tuple[str, str]]:
    """By lxml's own XPath: for each element, the first context that selects it."""
    root = etree.fromstring(document)
    found: list[tuple[str, str]] = []
    seen: set[etree._Element] = set()
    for number, context in enumerate(contexts):
        nodes = root.xpath(context)
        assert isinstance(nodes, list)
        for element in nodes:
            assert isinstance(element, etree._Element)
            if element not in seen:
                seen.add(element)
                found.append((place(element), str(number)))
    return sorted(found)


@settings(max_examples=150, deadline=None)
@example(contexts=["//n"] * 7 + ["//*/n"], document="<root><n/><n/></root>")
@example(contexts=["//*/n"] * 7 + ["//n"], document="<root><n/><n/></root>")
@given(contexts=st.lists(_CONTEXTS, min_size=1, max_size=14), document=_documents())
def test_the_compiled_pattern_agrees_with_the_definition(contexts: list[str], document: str) -> None:
    rules = "".join(
        f'<rule context="{context}"><assert test="false()">{number}</assert></rule>'
        for number, context in enumerate(contexts)
    )
    with tempfile.TemporaryDirectory() as folder:
        compiled = schema(Path(folder), f"<pattern>{rules}</pattern>")
        found = sorted((failure.where, failure.message) for failure in failures(compiled, document))
    assert found == _expected(contexts, document)


# -- contexts of the usual forms: a templateId, a name, a way from the document ------------------------------------

_NS = {"cda": "urn:hl7-org:v3", "h": "urn:hl7-org:v3"}
_USUAL = st.sampled_from(
    [
        "*[cda:templateId/@root='1']",
        "cda:n[cda:templateId/@root='1']",
        "cda:n[cda:templateId[@root='2']]",
        "*[cda:templateId/@root='2']/cda:m",
        "*[cda:templateId/@root='1']//cda:n",
        "cda:n",
        "cda:m[@x]",
        "cda:m/cda:n",
        "cda:n//cda:m",
        "cda:templateId",
        "cda:ClinicalDocument/cda:n",
        "//cda:ClinicalDocument/cda:n/cda:m",
        "cda:ClinicalDocument//cda:templateId",
        "cda:ClinicalDocument",
        "cda:structuredBody/*",
        "cda:*[@x='1']",
        "*:m",
        "*",
        "*[@x]",
        "h:n",
        "h:m[@x]",
        "cda:n/(cda:m|cda:n)",
        "cda:structuredBody//(cda:n|cda:m/cda:n)",
        "cda:ClinicalDocument/*[@x]//(cda:n|h:n|cda:templateId)/*",
    ]
)
_CHOICES = {
    "cda:n/(cda:m|cda:n)": ("cda:n/cda:m", "cda:n/cda:n"),
    "cda:structuredBody//(cda:n|cda:m/cda:n)": ("cda:structuredBody//cda:n", "cda:structuredBody//cda:m/cda:n"),
    "cda:ClinicalDocument/*[@x]//(cda:n|h:n|cda:templateId)/*": ("cda:ClinicalDocument/*[@x]//cda:n/*",),
}
"""Contexts with a choice inside, and what they say in XPath 1.0, where a step has none."""
_UNIONS = st.lists(_USUAL, min_size=1, max_size=3).map(" | ".join)


@st.composite
def _clinical(draw: st.DrawFn) -> str:
    def node(depth: int) -> str:
        name = draw(st.sampled_from(["n", "m", "structuredBody"]))
        attribute = draw(st.sampled_from(["", " x='1'", " x='2'"]))
        templates = "".join(
            f"<templateId root='{root}'/>" for root in draw(st.lists(st.sampled_from("12"), max_size=2))
        )
        count = draw(st.integers(0, 3)) if depth < 3 else 0
        return f"<{name}{attribute}>{templates}{''.join(node(depth + 1) for _ in range(count))}</{name}>"

    document = f"<ClinicalDocument xmlns='urn:hl7-org:v3'>{node(0)}{node(0)}</ClinicalDocument>"
    return draw(st.sampled_from([document, f"<sheet><x/>{document}</sheet>"]))


def _first_matches(contexts: list[str], document: str) -> list[tuple[str, str]]:
    root = etree.fromstring(document)
    found: list[tuple[str, str]] = []
    seen: set[etree._Element] = set()
    for number, context in enumerate(contexts):
        for branch in (way for part in context.split(" | ") for way in _CHOICES.get(part, (part,))):
            way = branch.replace("*:m", "*[local-name()='m']")
            nodes = root.xpath(way if way.startswith("//") else f"//{way}", namespaces=_NS)
            assert isinstance(nodes, list)
            fresh = [element for element in nodes if isinstance(element, etree._Element) and element not in seen]
            seen.update(fresh)
            found += [(place(element), str(number)) for element in fresh]
    return sorted(found)


@settings(max_examples=150, deadline=None)
@given(contexts=st.lists(_UNIONS, min_size=1, max_size=5), document=_clinical())
def test_usual_contexts_reach_the_nodes_they_match_and_no_other(contexts: list[str], document: str) -> None:
    rules = "".join(
        f'<rule context="{context}"><assert test="false()">{number}</assert></rule>'
        for number, context in enumerate(contexts)
    )
    with tempfile.TemporaryDirectory() as folder:
        compiled = schema(Path(folder), f'<ns prefix="h" uri="urn:hl7-org:v3"/><pattern>{rules}</pattern>')
        found = sorted((failure.where, failure.message) for failure in failures(compiled, document))
    assert found == _first_matches(contexts, document)
