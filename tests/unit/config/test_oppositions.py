"""What routes.yaml says of oppositions, and the orders made by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine import app
from engine.exchange import OrderKind, Package
from engine.model.consent import OppositionScope
from engine.model.document import ReportStatus
from engine.orders import new_orders
from engine.records import NewOrder
from engine.route import ConfiguredDestination
from tests.contract.store_values import document
from tests.unit.config.test_load import GOOD, ROOT, place, problems_of

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DMP = "    delivery: {deferral_minutes: 0, max_per_second: 4"


def destination(tmp_path: Path, name: str, text: str = GOOD) -> ConfiguredDestination:
    file = tmp_path / "routes.yaml"
    file.write_text(text.replace("deploy/demo/", f"{ROOT}/deploy/demo/"), encoding="utf-8")
    installation, problems = app.configured(file)
    assert installation is not None, problems
    return installation.destination(name)


def order(to: ConfiguredDestination, kind: OrderKind = OrderKind.SEND) -> NewOrder:
    """The order of a document for it, whatever it can be asked and whoever its recipients are."""
    declaration = replace(to.declaration, kinds=frozenset(OrderKind), recipients=lambda package, settings: ("",))
    made = document("R1")
    package = Package(
        made.id, made.version, made.type, made.title, b"<a/>", None, made.document.patient, (), made.file_name
    )
    (only,), _ = new_orders(package, ReportStatus.FINAL, (replace(to, declaration=declaration),), NOW, kind)
    return only


def test_by_default_the_dmp_obeys_for_the_whole_patient_and_asks_for_no_answer(tmp_path: Path) -> None:
    made = order(destination(tmp_path, "dmp"))
    assert (made.obeys_opposition, made.needs_answer) == (OppositionScope.PATIENT, False)


def test_a_destination_may_obey_by_episode_and_want_an_answer(tmp_path: Path) -> None:
    text = GOOD.replace(DMP, f"{DMP}, oppositions: episode, without_answer: block")
    made = order(destination(tmp_path, "dmp", text))
    assert (made.obeys_opposition, made.needs_answer) == (OppositionScope.EPISODE, True)


def test_mail_obeys_no_opposition_to_the_dmp(tmp_path: Path) -> None:
    made = order(destination(tmp_path, "medecins"))
    assert (made.obeys_opposition, made.needs_answer) == (None, False)


@pytest.mark.parametrize("kind", [OrderKind.DELETE, OrderKind.REPORT])
def test_only_what_feeds_the_dmp_obeys(tmp_path: Path, kind: OrderKind) -> None:
    text = GOOD.replace(DMP, f"{DMP}, without_answer: block")
    made = order(destination(tmp_path, "dmp", text), kind)
    assert (made.obeys_opposition, made.needs_answer) == (None, False)


def test_an_option_that_changes_nothing_is_a_problem(tmp_path: Path) -> None:
    text = GOOD.replace(
        "    patient_domain: patient.mssante.example\n    delivery: {deferral_minutes: 0}",
        "    patient_domain: patient.mssante.example\n    delivery: {deferral_minutes: 0, without_answer: block}",
        1,
    )
    (only,) = problems_of(tmp_path, text)
    assert only.startswith(f"routes.yaml:{place(text, 'without_answer')}:"), only
    assert "opposition" in only


def test_a_value_that_is_none_is_a_problem(tmp_path: Path) -> None:
    assert len(problems_of(tmp_path, GOOD.replace(DMP, f"{DMP}, oppositions: sejour"))) == 1
