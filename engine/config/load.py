"""routes.yaml → Installation, or every problem found, with its line and column."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from engine import __version__
from engine.config.api_keys import api, key_remarks
from engine.config.laboratories import laboratory, policy_remarks
from engine.config.model import ApiSection, DeliverySection, LaboratorySection, RouteSection, RoutesFile
from engine.config.positions import Place, Positioned, read
from engine.config.problems import Problem, model_of, named_model_of, nearest, told
from engine.config.structures import structure
from engine.context import Software, Strictness, UnknownCombination
from engine.declarations import DestinationDeclaration, SourceDeclaration
from engine.exchange import OrderKind
from engine.model.consent import OppositionScope
from engine.model.directory import Laboratory, Structure
from engine.registry import Connectors
from engine.retry import RetryPolicy
from engine.route import API, DOCUMENTS, FHIR, ConfiguredDestination, ConfiguredSource, Delivery, Installation, Route

ModelT = TypeVar("ModelT", bound=BaseModel)
_OF_OPPOSITION = frozenset({"oppositions", "without_answer"})


def load(
    path: Path, connectors: Connectors, formats: tuple[str, ...], environ: Mapping[str, str]
) -> tuple[Installation | None, tuple[Problem, ...]]:
    """Everything wrong at once; an Installation only when nothing is. Raises OSError when the file cannot be read."""
    positioned, syntax = read(path.read_text(encoding="utf-8-sig"), path.name)
    if syntax:
        return None, syntax
    reader = _Reader(positioned, path.resolve().parent, environ)
    installation = reader.installation(connectors, formats)
    problems = tuple(sorted(set(reader.problems)))
    return (None if problems else installation), problems


class _Reader:
    """One reading of one file; gathers problems."""

    def __init__(self, positioned: Positioned, base: Path, environ: Mapping[str, str]) -> None:
        self.positioned = positioned
        self.base = base
        self.environ = environ
        self.problems: list[Problem] = []
        self.silent: frozenset[str] = frozenset()
        """Destinations that cannot take a business acknowledgement."""

    def installation(self, connectors: Connectors, formats: tuple[str, ...]) -> Installation | None:
        data = self.positioned.data
        if not isinstance(data, dict):
            self._report((), "un groupe d'options est attendu", "voir routes.yaml livré avec Passeur")
            return None
        resolved = {**data, "api": self._resolved(data["api"], ApiSection, ("api",))} if "api" in data else data
        file = self._validated(RoutesFile, resolved, ())
        raw_sources = data.get("sources") if isinstance(data.get("sources"), dict) else {}
        raw_destinations = data.get("destinations") if isinstance(data.get("destinations"), dict) else {}
        known = frozenset(data["laboratories"]) if isinstance(data.get("laboratories"), dict) else frozenset()
        sources = [self._source(name, raw, connectors, known) for name, raw in (raw_sources or {}).items()]
        destinations = [self._destination(name, raw, connectors) for name, raw in (raw_destinations or {}).items()]
        self.silent = frozenset(
            name
            for name, raw in (raw_destinations or {}).items()
            if (kind := connectors.destinations.get(str(raw.get("type")) if isinstance(raw, dict) else "")) is not None
            and OrderKind.REPORT not in kind.kinds
        )
        self._check_routes(data, frozenset(raw_sources or {}), frozenset(raw_destinations or {}), formats)
        laboratories = self._laboratories(file) if file else ()
        structures = self._structures(file) if file else ()
        if file is None:
            return None
        self._check_api(file.api, known, frozenset(file.structures))
        return Installation(
            production=file.environment == "production",
            instance_oid=file.instance_oid,
            software=Software(file.software.name, __version__, file.software.editor, file.software.product_number),
            store=self.base / file.store.path,
            conversion_processes=file.engine.conversion_processes,
            conversion_timeout_seconds=file.engine.conversion_timeout_seconds,
            api=api(file.api),
            laboratories=laboratories,
            sources=tuple(one for one in sources if one),
            destinations=tuple(one for one in destinations if one),
            routes=tuple(_route(section) for section in file.routes),
            structures=structures,
        )

    def _source(
        self, name: str, raw: object, connectors: Connectors, laboratories: frozenset[str]
    ) -> ConfiguredSource | None:
        place: Place = ("sources", name)
        if name in (API, DOCUMENTS, FHIR):
            words = f"le nom « {name} » est réservé à l'API du moteur"
            self._report(place, words, "donnez un autre nom à cette source")
        declaration = self._declaration(raw, connectors.sources, place)
        if declaration is None or not isinstance(raw, dict):
            return None
        served = raw.get("laboratory")
        if served is not None and served not in laboratories:
            self._report(
                (*place, "laboratory"), f"laboratoire inconnu « {served} »", nearest(str(served), laboratories)
            )
        settings = self._settings(declaration, raw, place, ("type", "laboratory"))
        return ConfiguredSource(name, declaration, settings, served) if settings is not None else None

    def _destination(self, name: str, raw: object, connectors: Connectors) -> ConfiguredDestination | None:
        place: Place = ("destinations", name)
        declaration = self._declaration(raw, connectors.destinations, place)
        if declaration is None or not isinstance(raw, dict):
            return None
        section = self._validated(DeliverySection, raw.get("delivery") or {}, (*place, "delivery"))
        settings = self._settings(declaration, raw, place, ("type", "delivery"))
        if settings is None or section is None:
            return None
        for option in sorted(_OF_OPPOSITION & section.model_fields_set if not declaration.obeys_opposition else ()):
            words = "cette destination n'obéit pas à l'opposition des patients : cette option n'y change rien"
            self._report((*place, "delivery", option), words, "retirez-la")
        return ConfiguredDestination(name, declaration, settings, _delivery(section, declaration))

    def _declaration(self, raw: object, declared: Mapping[str, Any], place: Place) -> Any:
        kind = raw.get("type") if isinstance(raw, dict) else None
        if kind is None:
            self._report(place, "option obligatoire absente : « type »", "choix possibles : " + ", ".join(declared))
        elif kind not in declared:
            self._report((*place, "type"), f"type inconnu « {kind} »", nearest(str(kind), declared))
        return declared.get(str(kind))

    def _settings(
        self,
        declaration: SourceDeclaration[Any] | DestinationDeclaration[Any],
        raw: dict[str, object],
        place: Place,
        ours: tuple[str, ...],
    ) -> Any:
        own = {key: value for key, value in raw.items() if key not in ours}
        return self._validated(declaration.settings, self._resolved(own, declaration.settings, place), place)

    def _resolved(self, raw: object, model: type[BaseModel], place: Place) -> object:
        """Secrets replaced by their values, paths taken from the folder of routes.yaml; at every depth."""
        if not isinstance(raw, dict):
            return raw
        resolved = dict(raw)
        for name, field in model.model_fields.items():
            value = raw.get(name)
            if value is None:
                continue
            inner = model_of(field.annotation)
            if inner is not None:
                resolved[name] = self._resolved(value, inner, (*place, name))
            elif (held := named_model_of(field.annotation)) is not None and isinstance(value, dict):
                resolved[name] = {key: self._resolved(one, held, (*place, name, key)) for key, one in value.items()}
            elif _mentions(field.annotation, SecretStr):
                resolved[name] = self._secret(value, (*place, name))
            elif _mentions(field.annotation, Path) and isinstance(value, str):
                resolved[name] = self.base / value
        return resolved

    def _secret(self, value: object, place: Place) -> str:
        if isinstance(value, dict) and set(value) == {"env"}:
            if str(value["env"]) in self.environ:
                return self.environ[str(value["env"])]
            self._report(
                place, f"variable d'environnement absente : {value['env']}", "définissez-la avant le démarrage"
            )
        elif isinstance(value, dict) and set(value) == {"file"}:
            try:
                return (self.base / str(value["file"])).read_text(encoding="utf-8").strip()
            except OSError:
                self._report(
                    place, f"fichier de secret illisible : {value['file']}", "vérifiez le chemin et les droits"
                )
        else:
            self._report(place, f"secret en clair dans « {place[-1]} »", "écrivez {env: NOM} ou {file: CHEMIN}")
        return ""

    def _validated(self, model: type[ModelT], data: object, place: Place) -> ModelT | None:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            for one in error.errors():
                message, suggestion = told(one, model)
                self._report((*place, *one["loc"]), message, suggestion)
            return None

    def _check_routes(
        self, data: dict[str, Any], sources: frozenset[str], destinations: frozenset[str], formats: tuple[str, ...]
    ) -> None:
        routes = data.get("routes")
        taken: dict[str, str] = {}
        for index, route in enumerate(routes if isinstance(routes, list) else []):
            if isinstance(route, dict):
                place: Place = ("routes", index)
                self._check_names(route, place, "from", sources | {API, DOCUMENTS, FHIR}, "source")
                self._check_names(route, place, "to", destinations, "destination")
                self._check_taken(route, place, taken)
                self._check_format(route, place, formats)
                self._check_receipts(route, place, destinations)
                self._check_policy(route, place)
                for name in {API, DOCUMENTS, FHIR} & set(route.get("from") or ()) if "api" not in data else ():
                    words = f"la source « {name} » demande la section « api »"
                    self._report((*place, "from"), words, "ajoutez « api: … »")
        for name in sorted(sources - taken.keys()):
            words = f"aucune route ne part de la source « {name} »"
            self._report(("sources", name), words, "ajoutez-la à une route")

    def _check_names(self, route: dict[str, Any], place: Place, option: str, known: frozenset[str], kind: str) -> None:
        names = route.get(option)
        for rank, name in enumerate(names if isinstance(names, list) else []):
            if name not in known:
                self._report((*place, option, rank), f"{kind} inconnue « {name} »", nearest(str(name), known))

    def _check_taken(self, route: dict[str, Any], place: Place, taken: dict[str, str]) -> None:
        names = route.get("from")
        for rank, name in enumerate(names if isinstance(names, list) else []):
            if name in taken:
                words = f"la source « {name} » a déjà une route : « {taken[name]} »"
                self._report((*place, "from", rank), words, "gardez-en une seule")
            taken.setdefault(str(name), str(route.get("name", "")))

    def _check_policy(self, route: dict[str, Any], place: Place) -> None:
        chosen = route.get("policy")
        for remark in policy_remarks(chosen) if isinstance(chosen, dict) else ():
            self._report((*place, *remark.place), remark.message, remark.suggestion)

    def _check_receipts(self, route: dict[str, Any], place: Place, known: frozenset[str]) -> None:
        name = route.get("receipts")
        if isinstance(name, str) and name not in known:
            self._report((*place, "receipts"), f"destination inconnue « {name} »", nearest(name, known))
        elif isinstance(name, str) and name in self.silent:
            words = f"la destination « {name} » ne sait pas porter d'accusés de réception"
            self._report((*place, "receipts"), words, "donnez une destination « mllp » ou « folder »")

    def _check_format(self, route: dict[str, Any], place: Place, formats: tuple[str, ...]) -> None:
        if "format" in route and route["format"] not in formats:
            words = f"format inconnu « {route['format']} »"
            self._report((*place, "format"), words, nearest(str(route["format"]), formats))

    def _laboratories(self, file: RoutesFile) -> tuple[Laboratory, ...]:
        made, owner = [], dict[str, str]()
        for name, section in file.laboratories.items():
            place: Place = ("laboratories", name)
            self._check_laboratory(section, place, owner, name)
            built, remarks, problems = laboratory(name, section, self.base)
            for remark in remarks:
                self._report((*place, *remark.place), remark.message, remark.suggestion)
            self.problems += problems
            made.append(built)
        return tuple(made)

    def _structures(self, file: RoutesFile) -> tuple[Structure, ...]:
        made = []
        for name, section in file.structures.items():
            built, remarks, problems = structure(name, section, self.base)
            for remark in remarks:
                self._report(("structures", name, *remark.place), remark.message, remark.suggestion)
            self.problems += problems
            made.append(built)
        return tuple(made)

    def _check_laboratory(self, section: LaboratorySection, place: Place, owner: dict[str, str], name: str) -> None:
        for rank, code in enumerate(section.sender_codes):
            if code in owner:
                words = f"le code d'émetteur « {code} » désigne déjà « {owner[code]} »"
                self._report((*place, "sender_codes", rank), words, "un code ne désigne qu'un laboratoire")
            owner.setdefault(code, name)

    def _check_api(self, section: ApiSection | None, laboratories: frozenset[str], structures: frozenset[str]) -> None:
        if section is None:
            return
        for remark in key_remarks(section, structures):
            self._report(("api", *remark.place), remark.message, remark.suggestion)
        if section.laboratory is not None and section.laboratory not in laboratories:
            words = f"laboratoire inconnu « {section.laboratory} »"
            self._report(("api", "laboratory"), words, nearest(section.laboratory, laboratories))
        if not _loopback(section.host) and section.key is None and not section.keys:
            words = "une API ouverte au réseau demande une clé"
            self._report(("api", "host"), words, "ajoutez « keys: … » ou « key: {env: NOM} »")

    def _report(self, place: Place, message: str, suggestion: str = "") -> None:
        self.problems.append(self.positioned.problem(tuple(place), message, suggestion))


def _mentions(annotation: object, wanted: type) -> bool:
    return annotation is wanted or any(_mentions(one, wanted) for one in getattr(annotation, "__args__", ()))


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _route(section: RouteSection) -> Route:
    return Route(
        name=section.name,
        sources=section.sources,
        format=section.format,
        destinations=section.destinations,
        strictness=Strictness(section.strictness),
        unknown_combinations=UnknownCombination(section.unknown_combinations),
        answer_on_receipt=section.acknowledge == "on_receipt",
        receipts=section.receipts,
        policy=section.policy,
        awaits_dsn=section.mail_received_on == "dsn",
    )


def _delivery(section: DeliverySection, declaration: DestinationDeclaration[Any]) -> Delivery:
    partial = (
        declaration.takes_partial_reports if section.partial_reports is None else section.partial_reports == "auto"
    )
    retry = section.retry
    return Delivery(
        section.concurrency,
        section.max_per_second,
        section.deferral_minutes * 60,
        partial,
        RetryPolicy(retry.first_delay_seconds, retry.max_delay_seconds, retry.max_age_hours),
        OppositionScope(section.oppositions),
        section.without_answer == "block",
    )
