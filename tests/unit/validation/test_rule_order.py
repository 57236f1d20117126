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
