"""The schematron compiler, feature by feature."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest

from engine.validation.schematron import saxon
from engine.validation.schematron.includes import SchematronError
from engine.validation.schematron.run import Schematron
from engine.validation.schematron.sources import Sources
from tests.unit.validation.listener import Listener
from tests.unit.validation.schemas import failures, messages, schema, value_set


def test_an_assert_fails_when_false_and_a_report_when_true(tmp_path: Path) -> None:
    compiled = schema(
        tmp_path,
        '<pattern><rule context="a"><assert test="@x">sans x</assert><report test="@y">avec y</report></rule>'
        "</pattern>",
    )
    assert messages(compiled, "<a y='1'/>") == ["sans x", "avec y"]
    assert messages(compiled, "<a x='1'/>") == []


def test_a_failure_says_its_rule_role_place_clause_and_remedy(tmp_path: Path) -> None:
    compiled = schema(
        tmp_path,
        '<pattern id="p"><rule context="cda:b"><assert id="b_has_x" role="warning" see="clause 3" diagnostics="d"'
        ' test="@x">  sans\n x </assert></rule></pattern><diagnostics><diagnostic id="d">Ajouter x.</diagnostic>'
        "</diagnostics>",
    )
    (failure,) = failures(compiled, "<a xmlns='urn:hl7-org:v3'><b x='1'/><b/></a>")
    assert failure.rule == "b_has_x"
    assert failure.role == "warning"
    assert failure.where == "/Q{urn:hl7-org:v3}a[1]/Q{urn:hl7-org:v3}b[2]"
    assert (failure.message, failure.see, failure.remedy) == ("sans x", "clause 3", "Ajouter x.")


def test_a_rule_without_id_keeps_the_same_name_from_one_compilation_to_the_next(tmp_path: Path) -> None:
    body = '<pattern id="p"><rule context="a"><assert test="@x">m</assert><assert test="@y">m</assert></rule></pattern>'
    first, second = ([f.rule for f in failures(schema(tmp_path, body), "<a/>")] for _ in range(2))
    assert first == second
    assert len(set(first)) == 2
    assert all(rule.startswith("p-") for rule in first)


def test_a_message_quotes_codes_and_names_and_hides_the_rest(tmp_path: Path) -> None:
    compiled = schema(
        tmp_path,
        '<let name="path" value="\'jdv.xml\'"/>'
        '<pattern><rule context="a"><let name="c" value="@code"/><let name="n" value="b"/>'
        '<assert test="false()"><name/>|<value-of select="$c"/>|<value-of select="$path"/>|<value-of select="$n"/>|'
        '<value-of select="@value"/>|<value-of select="concat(@code, b)"/></assert></rule></pattern>',
    )
    assert messages(compiled, "<a code='K' value='27903'><b>DUPONT</b></a>") == ["a|K|jdv.xml|…|…|…"]


def test_the_first_rule_that_matches_a_node_is_the_only_one(tmp_path: Path) -> None:
    compiled = schema(
        tmp_path,
        '<pattern><rule context="a[@x]"><assert test="false()">un</assert></rule>'
        '<rule context="a"><assert test="false()">deux</assert></rule></pattern>'
        '<pattern><rule context="a"><assert test="false()">trois</assert></rule></pattern>',
    )
    assert messages(compiled, "<a x='1'><a/></a>") == ["un", "deux", "trois", "trois"]


def test_contexts_may_be_unions_attributes_or_the_document(tmp_path: Path) -> None:
    compiled = schema(
        tmp_path,
        '<pattern><rule context="b | c[d]"><assert test="false()">union</assert></rule></pattern>'
        '<pattern><rule context="@x"><assert test="false()">attribut</assert></rule>'
        '<rule context="a"><assert test="true()">rien</assert></rule></pattern>'
        '<pattern><rule context="/"><assert test="//z">document</assert></rule>'
        '<rule context="zz"><assert test="true()">rien</assert></rule></pattern>'
        '<pattern><rule context="b[. is current()]"><assert test="false()">courant</assert></rule></pattern>',
    )
    found = messages(compiled, "<a x='1'><b/><c><d/></c><c/></a>")
    assert sorted(found) == ["attribut", "courant", "document", "union", "union"]


@pytest.mark.parametrize("context", ["*[cda:templateId/@root='1.2.3']", "cda:b[cda:templateId[@root='1.2.3']]"])
def test_a_template_is_found_by_its_identifier(tmp_path: Path, context: str) -> None:
    compiled = schema(
        tmp_path, f'<pattern><rule context="{context}"><assert test="@x">sans x</assert></rule></pattern>'
    )
    document = (
        "<a xmlns='urn:hl7-org:v3' xmlns:o='urn:other'><b><templateId root='1.2.3'/></b>"
        "<b><templateId root='1.2.4'/></b>"
        "<b x='1'><templateId root='1.2.3'/></b><b><o:templateId root='1.2.3'/></b></a>"
    )
    assert [f.where[-3:] for f in failures(compiled, document)] == ["[1]"]


def test_abstract_patterns_are_written_out_with_their_parameters(tmp_path: Path) -> None:
    compiled = schema(
        tmp_path,
        '<pattern abstract="true" id="has"><rule context="$where"><assert test="$what">absent</assert></rule></pattern>'
        '<pattern id="one" is-a="has"><param name="where" value="a"/><param name="what" value="@x"/></pattern>'
        '<pattern id="two" is-a="has"><param name="where" value="b"/><param name="what" value="@y"/></pattern>',
    )
    found = failures(compiled, "<a><b/></a>")
    assert [f.rule.split("-")[0] for f in found] == ["one", "two"]


def test_a_long_parameter_name_is_not_cut_by_a_shorter_one(tmp_path: Path) -> None:
    compiled = schema(
        tmp_path,
        '<pattern abstract="true" id="m"><rule context="a"><assert test="$jdv1 = 1 and $jdv = 2">x</assert></rule>'
        "</pattern>"
        '<pattern is-a="m"><param name="jdv" value="@two"/><param name="jdv1" value="@one"/></pattern>',
    )
    assert messages(compiled, "<a one='1' two='2'/>") == []


def test_abstract_rules_are_shared_across_patterns(tmp_path: Path) -> None:
    compiled = schema(
        tmp_path,
        '<pattern><rule abstract="true" id="base"><assert test="@x">sans x</assert></rule>'
        '<rule abstract="true" id="more"><extends rule="base"/><let name="v" value="@y"/>'
        '<assert test="$v">sans y</assert></rule></pattern>'
        '<pattern><rule context="a"><extends rule="more"/></rule></pattern>'
        '<pattern><rule context="b"><extends rule="base"/></rule></pattern>',
    )
    assert messages(compiled, "<a><b/></a>") == ["sans x", "sans y", "sans x"]


def test_an_abstract_rule_may_use_a_variable_of_its_caller(tmp_path: Path) -> None:
    compiled = schema(
        tmp_path,
        '<pattern><rule abstract="true" id="r"><assert test="$limit > 3">trop petit</assert></rule>'
        '<rule context="a"><let name="limit" value="number(@n)"/><extends rule="r"/></rule></pattern>',
    )
    assert messages(compiled, "<a n='2'><a n='5'/></a>") == ["trop petit"]


def test_a_rule_that_extends_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchematronError, match="elle-même"):
        schema(
            tmp_path,
            '<pattern><rule abstract="true" id="r"><let name="v" value="$w"/><extends rule="r"/></rule>'
            '<rule context="a"><extends rule="r"/></rule></pattern>',
        )


def test_an_unknown_abstract_rule_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchematronError, match="inconnue"):
        schema(tmp_path, '<pattern><rule context="a"><extends rule="nulle"/></rule></pattern>')


def test_variables_of_a_pattern_serve_the_others(tmp_path: Path) -> None:
    compiled = schema(
        tmp_path,
        '<pattern id="variables"><let name="wanted" value="\'1\'"/></pattern>'
        '<pattern><rule context="a"><assert test="@x = $wanted">autre</assert></rule></pattern>',
    )
    assert messages(compiled, "<a x='2'/>") == ["autre"]


def test_a_variable_given_two_values_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchematronError, match="deux fois"):
        schema(tmp_path, '<pattern><let name="v" value="1"/></pattern><pattern><let name="v" value="2"/></pattern>')


_PHASED = (
    '<phase id="short"><active pattern="one"/></phase><phase id="broken"><active pattern="none"/></phase>'
    '<pattern id="one"><rule context="a"><assert test="false()">un</assert></rule></pattern>'
    '<pattern id="two"><rule context="a"><assert test="false()">deux</assert></rule></pattern>'
)


def test_the_default_phase_chooses_its_patterns(tmp_path: Path) -> None:
    assert messages(schema(tmp_path, _PHASED, 'defaultPhase="short"'), "<a/>") == ["un"]
    assert messages(schema(tmp_path, _PHASED), "<a/>") == ["un", "deux"]


def test_a_phase_that_names_an_absent_pattern_says_so(tmp_path: Path) -> None:
    compiled = schema(tmp_path, _PHASED, 'defaultPhase="broken"')
    assert [problem.code for problem in compiled.problems] == ["pack.unknown_pattern"]


def test_includes_are_found_whatever_their_case(tmp_path: Path) -> None:
    (tmp_path / "Entete").mkdir()
    (tmp_path / "Entete" / "Regle.sch").write_text(
        '<pattern xmlns="http://purl.oclc.org/dsdl/schematron"><rule context="a"><assert test="@x">sans x</assert>'
        "</rule></pattern>",
        encoding="utf-8",
    )
    compiled = schema(tmp_path, '<include href="entete/regle.sch"/><include href="absente.sch"/>')
    assert messages(compiled, "<a/>") == ["sans x"]
    assert [problem.code for problem in compiled.problems] == ["pack.letter_case", "pack.missing_include"]


def test_an_include_never_leaves_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.sch").write_text("<pattern xmlns='http://purl.oclc.org/dsdl/schematron'/>", encoding="utf-8")
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "lien.sch").symlink_to(tmp_path / "secret.sch")
    compiled = schema(tmp_path / "pack", '<include href="../secret.sch"/><include href="lien.sch"/>')
    assert [problem.code for problem in compiled.problems] == ["pack.missing_include"] * 2


def test_an_inclusion_loop_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchematronError, match="boucle"):
        schema(tmp_path, '<include href="essai.sch"/>')


@pytest.mark.parametrize("declared", ['<ns prefix="1" uri="urn:x"/>', "<ns/>"])
def test_a_prefix_that_is_no_name_makes_the_schema_unusable(tmp_path: Path, declared: str) -> None:
    with pytest.raises(SchematronError, match="préfixe"):
        schema(tmp_path, f'{declared}<pattern><rule context="a"><assert test="@x">x</assert></rule></pattern>')


def test_choices_upon_choices_in_a_context_do_not_swell_the_schema(tmp_path: Path) -> None:
    context = "a" + "/(a | b)" * 16
    compiled = schema(
        tmp_path, f'<pattern><rule context="{context}"><assert test="false()">x</assert></rule></pattern>'
    )
    assert messages(compiled, "<a>" * 17 + "</a>" * 17) == ["x"]


# -- value sets and terminologies -------------------------------------------------------------------------------

_MEMBER = (
    '<let name="jdv" value="\'../jdv/ESSAI.xml\'"/>'
    '<pattern><rule context="a"><let name="att_code" value="@code"/><let name="att_codeSystem" value="@codeSystem"/>'
    '<assert test="document($jdv)//svs:Concept[@code=$att_code and @codeSystem=$att_codeSystem]">hors jeu</assert>'
    '<assert test="doc($jdv)//svs:Concept/@code = @code">hors codes</assert></rule></pattern>'
)


_PLACE = "schemas/essai.sch"


def test_value_sets_are_read_from_the_folder_and_compared_by_code_and_system(tmp_path: Path) -> None:
    value_set(tmp_path / "jdv" / "essai.xml", "K")
    compiled = schema(tmp_path, _MEMBER, file=_PLACE)
    assert messages(compiled, "<a code='K' codeSystem='1.2.3'/>") == []
    assert messages(compiled, "<a code='K' codeSystem='1.2.4'/>") == ["hors jeu"]
    assert messages(compiled, "<a code='L' codeSystem='1.2.3'/>") == ["hors jeu", "hors codes"]
    assert messages(compiled, "<a/>") == ["hors jeu", "hors codes"]


def test_a_value_set_the_pack_lacks_is_said_and_stops_the_layer_rather_than_lie(tmp_path: Path) -> None:
    compiled = schema(tmp_path, _MEMBER, file=_PLACE)
    assert [problem.code for problem in compiled.problems] == ["pack.missing_vocabulary"]
    with pytest.raises(Exception, match="absent-document"):
        messages(compiled, "<a code='K' codeSystem='1.2.3'/>")


def test_terminologies_of_a_folder_are_looked_up_by_code(tmp_path: Path) -> None:
    (tmp_path / "terminologie").mkdir()
    (tmp_path / "terminologie" / "1.2.3.rdf").write_text(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:s="http://www.w3.org/2004/02/skos/core#">'
        "<s:Concept><s:notation>K</s:notation><s:prefLabel>L</s:prefLabel></s:Concept></rdf:RDF>",
        encoding="utf-8",
    )
    compiled = schema(
        tmp_path,
        '<ns prefix="skos" uri="http://www.w3.org/2004/02/skos/core#"/>'
        '<let name="folder" value="\'../terminologie/\'"/>'
        '<pattern><rule context="a"><let name="code" value="@code"/><let name="system" value="@codeSystem"/>'
        "<assert test=\"not(doc-available(concat($folder, $system, '.rdf')) and not(exists("
        "doc(concat($folder, $system, '.rdf'))//skos:notation[text()= string($code)])))\">inconnu</assert>"
        "</rule></pattern>",
        file=_PLACE,
    )
    assert messages(compiled, "<a code='K' codeSystem='1.2.3'/>") == []
    assert messages(compiled, "<a code='L' codeSystem='1.2.3'/>") == ["inconnu"], "a label is not a code"
    assert messages(compiled, "<a code='K' codeSystem='9.9'/>") == []


def test_an_expression_that_fails_says_nothing_of_the_document_on_the_error_output(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    body = (
        '<ns prefix="xs" uri="http://www.w3.org/2001/XMLSchema"/><pattern><rule context="a">'
        '<assert test="xs:integer(string(.)) = 1">x</assert></rule></pattern>'
    )
    with pytest.raises(Exception):  # noqa: B017 - saxonche has one class of error
        messages(schema(tmp_path, body), "<a>DUPONT</a>")
    assert "DUPONT" not in "".join(capfd.readouterr())


# -- what is made faster says the same ---------------------------------------------------------------------------

_OID = r"^[0-2](\.(0|[1-9]\d*))*$"
_VALUES = ("1.2.3", "3.1", "1.02", "1.", "", "1.2.3", "x", None)


@pytest.mark.parametrize("test", ["matches(@x, '{form}')", "matches(@x, $form)", "not(@x) or fn:matches( @x , $form )"])
def test_a_slow_form_remembered_gives_the_same_answers(tmp_path: Path, test: str) -> None:
    compiled = schema(
        tmp_path,
        f"""<pattern><rule context="b"><let name="form" value="'{_OID}'"/>
        <assert test="{test.format(form=_OID)}">m</assert></rule></pattern>""",
    )
    elements = "".join("<b/>" if value is None else f"<b x='{value}'/>" for value in _VALUES)
    absent_is_right = test.startswith("not")
    wrong = [
        number
        for number, value in enumerate(_VALUES, 1)
        if not (absent_is_right if value is None else re.search(_OID, value))
    ]
    assert [f.where for f in failures(compiled, f"<a>{elements}</a>")] == [f"/Q{{}}a[1]/Q{{}}b[{n}]" for n in wrong]


def test_what_looks_like_a_slow_form_in_a_text_is_left_alone(tmp_path: Path) -> None:
    test = f"string-length(&quot;matches(@x, '{_OID}')&quot;) = {len(_OID) + 15}"
    assert (
        messages(
            schema(tmp_path, f'<pattern><rule context="a"><assert test="{test}">m</assert></rule></pattern>'), "<a/>"
        )
        == []
    )


def test_schemas_compiled_together_say_what_each_says(tmp_path: Path) -> None:
    head = '<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt3">{}</schema>'
    bodies = {
        "un.sch": '<let name="v" value="1"/><pattern id="p"><rule context="a">'
        '<assert id="un" test="@x = $v">un</assert></rule></pattern>',
        "deux.sch": '<pattern id="p"><rule context="a | b"><assert id="deux" test="@y" diagnostics="d">deux</assert>'
        '</rule></pattern><diagnostics><diagnostic id="d">Ajouter y.</diagnostic></diagnostics>',
    }
    for name, body in bodies.items():
        (tmp_path / name).write_text(head.format(body), encoding="utf-8")
    sources = Sources(tmp_path)
    document = "<a><b/></a>"
    apart = [f for name in bodies for f in failures(Schematron(sources, name), document)]
    assert list(failures(Schematron(sources, "un.sch", also=("deux.sch",)), document)) == apart
    assert [f.rule for f in apart] == ["un", "deux", "deux"]


def test_one_name_for_two_things_is_refused_when_schemas_are_compiled_together(tmp_path: Path) -> None:
    for name, value in (("un.sch", "1"), ("deux.sch", "2")):
        body = f'<let name="v" value="{value}"/>'
        (tmp_path / name).write_text(
            f'<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt3">{body}</schema>',
            encoding="utf-8",
        )
    with pytest.raises(SchematronError, match="différemment"):
        Schematron(Sources(tmp_path), "un.sch", also=("deux.sch",))


# -- no way out -------------------------------------------------------------------------------------------------


FORBIDDEN = (
    "unparsed-text('/etc/hostname')",
    "unparsed-text#1('/etc/hostname')",
    "environment-variable('HOME')",
    "environment-variable#1('HOME')",
    "available-environment-variables()",
    "system-property('user.home')",
    "collection('.')",
    "uri-collection('file:///etc')",
    "fn:json-doc('x.json')",
    "doc#1('x.xml')",
    "Q{http://www.w3.org/2005/xpath-functions}environment-variable('HOME')",
    "function-lookup(QName('http://www.w3.org/2005/xpath-functions', 'environment-variable'), 1)('HOME')",
    "parse-xml('&lt;!DOCTYPE a SYSTEM &quot;x.dtd&quot;&gt;&lt;a/&gt;')",
    "transform(map{'stylesheet-location': 'x.xsl'})",
)


@pytest.mark.parametrize("call", FORBIDDEN)
def test_a_rule_that_reads_files_or_the_environment_is_refused(tmp_path: Path, call: str) -> None:
    attribute = call.replace('"', "&quot;")
    with pytest.raises(SchematronError, match="interdite"):
        schema(tmp_path, f'<pattern><rule context="a"><assert test="{attribute}">x</assert></rule></pattern>')


def test_the_name_of_a_forbidden_function_in_a_text_is_no_call(tmp_path: Path) -> None:
    body = '<pattern><rule context="a"><assert test="@x = \'collection(1)\'">x</assert></rule></pattern>'
    assert messages(schema(tmp_path, body), "<a x='collection(1)'/>") == []


def test_a_rule_never_reaches_the_network_nor_a_file(tmp_path: Path) -> None:
    with Listener() as listener:
        for target in (listener.address, "file:///etc/hostname", "/etc/hostname"):
            body = (
                f'<pattern><rule context="a"><assert test="doc(\'{target}\')//x">x</assert>'
                f"<assert test=\"document(concat('{target}', ''))//x\">x</assert></rule></pattern>"
            )
            with pytest.raises(Exception, match="absent-document"):
                messages(schema(tmp_path, body), "<a/>")
    assert listener.calls == 0


def test_saxon_itself_reaches_neither_the_network_nor_a_file() -> None:
    """Whatever a schema managed to call, the processor refuses: nothing here passes by our compiler."""
    with Listener() as listener:
        reads = (
            f"doc('{listener.address}')",
            f"document('{listener.address}')",
            f"json-doc('{listener.address}')",
            f"unparsed-text('{listener.address}')",
            f"collection('{listener.address}')",
            f"parse-xml('&lt;!DOCTYPE a SYSTEM &quot;{listener.address}&quot;&gt;&lt;a/&gt;')",
            "unparsed-text('file:///etc/passwd')",
            "doc('file:///etc/hostname')",
            "uri-collection('file:///etc')",
        )
        for read in reads:
            sheet = (
                "<xsl:stylesheet version='3.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'>"
                f'<xsl:template match="/"><x><xsl:value-of select="{read}"/></x></xsl:template></xsl:stylesheet>'
            )
            executable = saxon.processor().new_xslt30_processor().compile_stylesheet(stylesheet_text=sheet)
            with pytest.raises(Exception, match=r"prohibited|disallowed"):
                saxon.output(executable, saxon.document("<a/>"))
    assert listener.calls == 0


def test_saxon_itself_is_forbidden_to_read_anything() -> None:
    direct = (
        "<xsl:stylesheet version='3.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'><xsl:template match='/'>"
        "<x><xsl:value-of select=\"doc-available('file:///etc/hostname'), unparsed-text-available('file:///etc/hostname')\"/></x>"
        "</xsl:template></xsl:stylesheet>"
    )
    executable = saxon.processor().new_xslt30_processor().compile_stylesheet(stylesheet_text=direct)
    output = executable.transform_to_string(xdm_node=saxon.document("<a/>"))
    assert "true" not in output


def test_saxon_is_refused_outside_the_main_thread() -> None:
    saxon.processor.cache_clear()
    refusals: list[str] = []

    def elsewhere() -> None:
        try:
            saxon.processor()
        except RuntimeError as error:
            refusals.append(str(error))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert refusals
