"""`passeur messages | orders | lanes`: the same answers from an engine that runs and from one that is stopped."""

from __future__ import annotations

from pathlib import Path

from tests.routes.installation import sample
from tests.unit.commands.shell import asked, engine_with, passeur
from tests.unit.engine.conversion_bench import installation


async def test_a_running_engine_answers_and_obeys(tmp_path: Path) -> None:
    async with engine_with(tmp_path, sample(1), sample(5)) as (engine, (converted, held)):
        rows = (await asked(tmp_path, "messages", "--json")).json
        assert [row["id"] for row in rows] == [held, converted]
        table = await asked(tmp_path, "messages", "--state", "held")
        assert held in table.out
        assert converted not in table.out
        shown = await asked(tmp_path, "messages", "show", held)
        assert shown.code == 0, shown.err
        assert "hprim.not_validated" in shown.out
        detail = (await asked(tmp_path, "messages", "show", converted, "--json")).json
        orders = {order["destination"]: order["id"] for order in detail["documents"][0]["orders"]}
        assert (await asked(tmp_path, "orders", "cancel", orders["patient"])).code in (0, 1)
        assert set(orders.values()) == {row["id"] for row in (await asked(tmp_path, "orders", "--json")).json}
        assert (await asked(tmp_path, "messages", "replay", held)).code == 0
        events = [event.what for event in await engine.store.events(held)]
        assert "replayed" in events


async def test_a_stopped_installation_is_read_and_changed_directly(tmp_path: Path) -> None:
    async with engine_with(tmp_path, sample(1), sample(5)) as (_, (converted, held)):
        pass
    assert {row["id"] for row in passeur(tmp_path, "messages", "--json").json} == {converted, held}
    rows = passeur(tmp_path, "orders", "--json", "--destination", "medecins").json
    order = rows[0]["id"]
    assert {row["destination"] for row in rows} == {"medecins"}
    said = passeur(tmp_path, "orders", "hold", order)
    assert said.code == 0, said.err
    assert "retenu" in said.out
    assert passeur(tmp_path, "orders", "show", order, "--json").json["order"]["state"] == "held"
    shown = passeur(tmp_path, "orders", "show", order)
    assert "francoise.medtest@medecin.mssante.example" in shown.out
    assert "order.held" in shown.out
    assert passeur(tmp_path, "orders", "release", order).code == 0
    assert passeur(tmp_path, "orders", "cancel", order).code == 0
    refused = passeur(tmp_path, "orders", "send-now", order)
    assert (refused.code, len(refused.err.splitlines())) == (1, 1)
    assert "operations.wrong_state" in refused.err
    lanes = passeur(tmp_path, "lanes")
    assert lanes.code == 0
    assert "dmp" in lanes.out
    assert passeur(tmp_path, "lanes", "start", "dmp").code == 0


def test_what_is_not_there_is_one_plain_line(tmp_path: Path) -> None:
    installation(tmp_path)
    for command in (
        ("messages", "show", "nowhere"),
        ("messages", "replay", "nowhere"),
        ("messages", "release", "nowhere"),
        ("orders", "show", "nowhere"),
        ("orders", "resend", "nowhere"),
        ("lanes", "start", "nowhere"),
        ("messages", "--state", "nowhere"),
    ):
        said = passeur(tmp_path, *command)
        assert (said.code, said.out, len(said.err.splitlines())) == (1, "", 1), (command, said)
        assert said.err.startswith("passeur : ")


async def test_a_sub_command_works_on_the_installation_its_command_was_given(tmp_path: Path) -> None:
    async with engine_with(tmp_path, sample(5)) as (_, (held,)):
        pass
    (tmp_path / "elsewhere").mkdir()
    routes = tmp_path / "routes.yaml"
    said = passeur(tmp_path / "elsewhere", "messages", "--routes", routes, "show", held)
    assert said.code == 0, said.err
    assert held in said.out
