"""What the command line shows: tables in French, one line per message, document, order.

Whatever comes from a message, a peer or a file name is escaped: it must not pass for markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

from engine.findings import Disposition
from engine.formats.terminology.coverage import Coverage
from engine.offline import Converted

WORDS = {
    "received": "reçu",
    "converting": "en conversion",
    "converted": "converti",
    "held": "retenu",
    "refused": "refusé",
    "ignored": "rien à publier",
    "postponed": "reporté",
    "deferred": "différé",
    "ready": "prêt",
    "sending": "envoi en cours",
    "delivered": "remis",
    "waiting": "en attente",
    "blocked": "bloqué",
    "uncertain": "incertain",
    "rejected": "rejeté",
    "cancelled": "annulé",
    "superseded": "remplacé",
    "publish": "peut partir",
    "hold": "retenu",
    "refuse": "refusé",
}
_MOST_FREQUENT = 10
_STYLES = {"delivered": "green", "converted": "green", "publish": "green", "refused": "red", "rejected": "red"}
_STYLES |= {"refuse": "red", "held": "yellow", "hold": "yellow", "uncertain": "yellow", "waiting": "yellow"}

CAUSES = {
    "identity": "identité INS non qualifiée",
    "no_dmp": "pas de DMP ouvert",
    "expired": "délai maximal dépassé",
    "opposition": "opposition du patient",
    "not_collected": "choix du patient non recueilli",
}
SUBJECTS = {"feeding": "alimentation du DMP", "consultation": "consultation du DMP"}
_ANSWERS = {
    ("feeding", "yes"): "non opposé",
    ("feeding", "no"): "[yellow]opposé[/yellow]",
    ("consultation", "yes"): "consent",
    ("consultation", "no"): "[yellow]refuse[/yellow]",
}


def told(state: str) -> str:
    """A state in French, coloured."""
    style = _STYLES.get(state)
    words = escape(WORDS.get(state, state))
    return f"[{style}]{words}[/{style}]" if style else words


def messages_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    table = _table("Message", "Reçu le", "Fichier", "Nature", "État", "Constats")
    for row in rows:
        findings = str(len(row["findings"])) if row["findings"] else ""
        name, kind = escape(row["name"]), escape(row["kind"])
        table.add_row(row["id"], _instant(row["received_at"]), name, kind, told(row["state"]), findings)
    return table


def documents_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    table = _table("Document", "Titre", "Version", "État", "Envois")
    for row in rows:
        orders = "\n".join(sent(one["destination"], one["state"], one["cause"]) for one in row["orders"])
        table.add_row(row["id"], escape(row["title"]), str(row["version"]["number"]), told(row["state"]), orders)
    return table


def orders_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    table = _table("Ordre", "Destination", "État", "Essais", "Cause", "Prochain essai")
    for row in rows:
        cause = CAUSES.get(row["cause"], row["cause"])
        next_at = _instant(row["next_at"]) if row["next_at"] else ""
        destination, state = escape(row["destination"]), told(row["state"])
        table.add_row(row["id"], destination, state, str(row["attempts"]), escape(cause), next_at)
    return table


def consents_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    table = _table("Choix", "Objet", "Réponse", "Recueilli le", "Enregistré le", "Séjour", "Origine")
    for row in rows:
        collected = _instant(row["collected_at"]) if row["collected_at"] else ""
        table.add_row(
            str(row["id"]),
            SUBJECTS[row["subject"]],
            answered(row["subject"], row["answer"]),
            collected,
            _instant(row["recorded_at"]),
            escape(row["episode"]),
            escape(row["channel"]),
        )
    return table


def standing(subject: str, answer: str | None) -> str:
    """`alimentation du DMP : opposé`."""
    return f"{SUBJECTS[subject]} : {answered(subject, answer)}"


def answered(subject: str, answer: str | None) -> str:
    """An answer in French; what was never said, and what was not collected."""
    return "aucune réponse connue" if answer is None else _ANSWERS.get((subject, answer), "non recueilli")


def lanes_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    table = _table("Destination", "Voie", "Ordres")
    for row in rows:
        lane = f"[red]arrêtée[/red] : {escape(row['reason'])}" if row["stopped"] else "[green]ouverte[/green]"
        counts = ", ".join(f"{count} {WORDS.get(state, state)}" for state, count in row["counts"].items() if count)
        table.add_row(escape(row["destination"]), lane, escape(counts))
    return table


def findings_table(findings: Iterable[Mapping[str, Any]]) -> Table:
    table = _table("Gravité", "Où", "Constat", "Que faire")
    words = {"error": "[red]erreur[/red]", "warning": "[yellow]avertissement[/yellow]", "info": "info"}
    for one in findings:
        where, told_ = escape(one["source"] or one["where"]), escape(one["message"])
        code = f"[dim]({escape(one['code'])})[/dim]"
        table.add_row(words[one["severity"]], where, f"{told_} {code}", escape(one["remedy"]))
    return table


def converted_table(converted: Iterable[tuple[Converted, list[str]]]) -> Table:
    table = _table("Fichier", "Nature", "Verdict", "Documents", "Constats")
    for one, names in converted:
        count = len(one.findings) + sum(len(document.findings) for document in one.documents)
        written = escape(", ".join(names)) if one.documents else ""
        name, kind = escape(one.file.name), escape(one.conversion.kind)
        table.add_row(name, kind, told(one.disposition.value), written, str(count))
    return table


def coverage_summary(coverage: Coverage) -> str:
    """Three lines on the state of the tables, then the codes to map, those that touch most results first."""
    lines = coverage.text().splitlines()[:3]
    if coverage.codes:
        lines.append("Codes locaux à relier, les plus fréquents d'abord :")
    for one in coverage.codes[:_MOST_FREQUENT]:
        lines.append(f"{one.results:>6}  {one.code or '(sans code)'}  {one.label}")
    more = len(coverage.codes) - _MOST_FREQUENT
    if more > 0:
        lines.append(f"        … et {more} autres : passeur convert --coverage FICHIER.csv")
    return "\n".join(lines)


def sent(destination: str, state: str, cause: str) -> str:
    """`dmp : remis`, with the cause when it is not."""
    reason = f" ({escape(CAUSES.get(cause, cause))})" if cause and state != "delivered" else ""
    return f"{escape(destination)} : {told(state)}{reason}"


def exit_code(dispositions: Iterable[Disposition]) -> int:
    """0 when all may leave, 3 when some are held, 4 when some are refused."""
    codes = {Disposition.PUBLISH: 0, Disposition.HOLD: 3, Disposition.REFUSE: 4}
    return max((codes[one] for one in dispositions), default=0)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _instant(text: str) -> str:
    return text[:19].replace("T", " ")


def events_table(events: Iterable[Mapping[str, Any]]) -> Table:
    table = _table("Quand", "Quoi", "Détail")
    for event in events:
        table.add_row(_instant(event["at"]), escape(event["what"]), escape(event["detail"]))
    return table


def finding_groups(detail: Mapping[str, Any]) -> Iterable[tuple[str, Iterable[Mapping[str, Any]]]]:
    """Findings of a message, then of each of its documents; only where there are some."""
    groups = [("Constats sur le message", detail["message"]["findings"])]
    groups += [(f"Constats sur le document {row['id']}", row["findings"]) for row in detail["documents"]]
    return [(title, findings) for title, findings in groups if findings]
