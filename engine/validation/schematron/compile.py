"""A flat schema → one XSLT 3.0 stylesheet whose output lists the assertions that failed, and nothing else.

Output: `<r><f a="number of the assertion" p="number of the pattern" l="path()"><v>value quoted</v>…</f>…</r>`. The
fixed words of the messages stay out of the stylesheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lxml import etree

from engine.validation.schematron.abstract import closed_rules
from engine.validation.schematron.contexts import candidates, selection, uses_current
from engine.validation.schematron.expressions import literals, rewritten
from engine.validation.schematron.forms import Forms
from engine.validation.schematron.includes import SchematronError
from engine.validation.schematron.privacy import MASK, may_quote
from engine.validation.schematron.schema import Assertion, Extends, Let, Pattern, Rule, Schema, Valued, Words
from engine.validation.schematron.tree import Branch, rivals, tree
from engine.validation.schematron.xslt import element, prelude


@dataclass(frozen=True, slots=True)
class Stylesheet:
    """A compiled schema."""

    text: str
    assertions: tuple[Assertion, ...]
    """By the number that the output gives; their messages quote what the output's `v` give, in order."""
    literals: frozenset[str]
    """Every string its expressions hold: addresses of documents to hand in are among them."""


def stylesheet(schema: Schema) -> Stylesheet:
    """Compile. Raises SchematronError when an expression or a name is not allowed, or a rule extends itself."""
    try:
        return _Compiler(schema).compiled()
    except ValueError as error:  # lxml's, of what cannot be written in XML
        raise SchematronError(f"{schema.file}: un nom ou un préfixe n’est pas admis") from error


class _Compiler:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.namespaces = dict(schema.namespaces)
        self.global_lets = {let.name: let.value for let in schema.lets}
        self.abstract = {rule.id: rule for rule in schema.abstract_rules}
        self.closed = closed_rules(self.abstract, frozenset(self.global_lets))
        self.called: list[tuple[str, str]] = []
        self.assertions: list[Assertion] = []
        self.numbers: dict[Assertion, int] = {}
        self.literals: set[str] = set()
        self.forms = Forms()
        self.root = prelude(schema.namespaces)

    def compiled(self) -> Stylesheet:
        for let in self.schema.lets:
            self.root.append(self.variable(let))
        main = element("template", match="/")
        result = etree.SubElement(main, "r")
        for number, pattern in enumerate(self.schema.patterns):
            self.pattern(pattern, number, result)
        for name, caller in self.called:  # grows while templates call others
            self.root.append(self.named_template(self.abstract[name], caller))
        self.root.extend(self.forms.functions())
        self.root.append(main)
        text = etree.tostring(self.root, encoding="unicode")
        return Stylesheet(text, tuple(self.assertions), frozenset(self.literals))

    # -- patterns ---------------------------------------------------------------------------------------------

    def pattern(self, pattern: Pattern, number: int, into: etree._Element) -> None:
        """The shortest form that keeps "the first rule that matches a node applies"."""
        if len(pattern.rules) == 1 and not uses_current(pattern.rules[0].context):
            rule = pattern.rules[0]
            each = element("for-each", select=self.expression(selection(rule.context, self.namespaces)))
            self.body(rule, str(number), each)
            if len(each):
                into.append(each)
            return
        branches = tree(pattern.rules)
        if branches is not None:
            guards = rivals(pattern.rules)
            into.extend(self.branch(b, number, guards, "//") for b in branches.branches.values())
        elif pattern.rules:
            self.mode(pattern, number, into)

    def branch(self, branch: Branch, number: int, guards: dict[int, tuple[str, ...]], axis: str) -> etree._Element:
        each = element("for-each", select=self.expression(axis + branch.step))
        for rule in branch.rules:
            rival = guards[id(rule)]
            holder = element("if", test=self.expression(f"not({' or '.join(rival)})")) if rival else each
            self.body(rule, str(number), holder)
            if rival and len(holder):
                each.append(holder)
        each.extend(self.branch(b, number, guards, "") for b in branch.branches.values())
        return each

    def mode(self, pattern: Pattern, number: int, into: etree._Element) -> None:
        """One template per rule, the first rules having the highest priority."""
        name = f"m{number}"
        self.root.append(element("mode", name=name, on_no_match="deep-skip"))
        self.root.append(element("template", match="/", mode=name, priority="0"))
        reached = candidates((rule.context for rule in pattern.rules), self.namespaces)
        into.append(element("apply-templates", select=reached, mode=name))
        for rank, rule in enumerate(pattern.rules):
            priority = str(len(pattern.rules) - rank)
            template = element("template", match=self.expression(rule.context), mode=name, priority=priority)
            self.body(rule, str(number), template)
            self.root.append(template)

    # -- rules ------------------------------------------------------------------------------------------------

    def body(self, rule: Rule, pattern: str, into: etree._Element) -> None:
        lets = dict(self.global_lets)
        into.extend(self.instructions(rule, pattern, lets, ()))

    def instructions(
        self, rule: Rule, pattern: str, lets: dict[str, str], parents: tuple[str, ...]
    ) -> Iterator[etree._Element]:
        for step in rule.steps:
            if isinstance(step, Let):
                lets[step.name] = step.value
                yield self.variable(step)
            elif isinstance(step, Assertion):
                yield self.assertion(step, pattern, lets)
            else:
                yield from self.extension(step, pattern, lets, parents)

    def extension(
        self, step: Extends, pattern: str, lets: dict[str, str], parents: tuple[str, ...]
    ) -> Iterator[etree._Element]:
        """A call to the abstract rule's template; written in place when it uses variables of its caller."""
        abstract = self.abstract.get(step.rule)
        if abstract is None:
            raise SchematronError(f"{self.schema.file}: règle abstraite inconnue : {step.rule}")
        if step.rule in parents:
            raise SchematronError(f"{self.schema.file}: la règle {step.rule} s’étend elle-même")
        if step.rule not in self.closed:
            yield from self.instructions(abstract, pattern, lets, (*parents, step.rule))
            return
        if (step.rule, pattern) not in self.called:
            self.called.append((step.rule, pattern))
        yield element("call-template", name=f"p:{step.rule}-{pattern}")

    def named_template(self, rule: Rule, pattern: str) -> etree._Element:
        template = element("template", name=f"p:{rule.id}-{pattern}")
        template.extend(self.instructions(rule, pattern, dict(self.global_lets), (rule.id,)))
        return template

    def assertion(self, assertion: Assertion, pattern: str, lets: dict[str, str]) -> etree._Element:
        test = self.expression(self.forms.remembered(assertion.test, lets))
        branch = element("if", test=test if assertion.is_report else f"not({test})")
        message = tuple(_allowed(part, lets) for part in assertion.message)
        number = self.number(replace(assertion, message=message))
        quoted = [part for part in message if isinstance(part, Valued)]
        if not quoted:
            branch.append(element("sequence", select=f"p:failed(., {number}, {pattern})"))
            return branch
        failure = etree.SubElement(branch, "f", a=str(number), p=pattern, l="{path(.)}")
        for part in quoted:
            etree.SubElement(failure, "v").append(element("value-of", select=self.expression(part.select)))
        return branch

    def number(self, assertion: Assertion) -> int:
        if assertion not in self.numbers:
            self.numbers[assertion] = len(self.assertions)
            self.assertions.append(assertion)
        return self.numbers[assertion]

    def variable(self, let: Let) -> etree._Element:
        return element("variable", name=let.name, select=self.expression(let.value))

    def expression(self, text: str) -> str:
        self.literals.update(literals(text))
        return rewritten(text, self.namespaces)


def _allowed(part: Words | Valued, lets: dict[str, str]) -> Words | Valued:
    """A piece of a message, masked when it could tell something of the patient."""
    return Words(MASK) if isinstance(part, Valued) and not may_quote(part.select, lets) else part
