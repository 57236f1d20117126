"""routes.yaml may start a route from `fhir`, and no source may bear that name."""

from __future__ import annotations

from pathlib import Path

from engine import app
from engine.route import FHIR
from tests.routes.installation import routes_text


def problems(folder: Path, text: str) -> list[str]:
    file = folder / "routes.yaml"
    file.write_text(text, encoding="utf-8")
    return [one.message for one in app.configured(file)[1]]


def test_a_route_may_start_from_fhir(tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text(routes_text(tmp_path, "https://localhost:1/x/", 1), encoding="utf-8")
    installation, found = app.configured(file)
    assert installation is not None, [str(one) for one in found]
    route = installation.route(FHIR)
    assert route is not None
    assert route.format == "fhir"


def test_the_name_is_the_engines_own(tmp_path: Path) -> None:
    text = (
        routes_text(tmp_path, "https://localhost:1/x/", 1).replace("  depot:", "  fhir:").replace("[depot,", "[fhir,")
    )
    assert "le nom « fhir » est réservé à l'API du moteur" in problems(tmp_path, text)
