"""A report as one HTML page for people: nothing outside of it, readable on a screen and on paper."""

from __future__ import annotations

import re
from html import escape

from engine.findings import Finding, Severity
from engine.validation.grouping import Fault, faults
from engine.validation.outcome import Report
from engine.validation.rendering import SEVERITIES, layers, place, recognised, verdict

_HEADINGS = {
    Severity.ERROR: "À corriger avant l’envoi",
    Severity.WARNING: "À surveiller",
    Severity.INFO: "Pour information",
}

_BEFORE_SIGN = re.compile(r" ([»:;!?])")

_STYLE = """
:root{color-scheme:light;--ink:#1b1b1b;--quiet:#555;--line:#d5d5d5}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif;max-width:60rem;margin:2rem auto;
padding:0 1.25rem;color:var(--ink);background:#fff}
h1{font-size:1.35rem;margin:0 0 .75rem;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
p{margin:.25rem 0}
.verdict{border-left:.5rem solid;padding:.6rem 1rem;font-weight:700;font-size:1.1rem}
.leaves{border-color:#18753c;color:#0f5a2d;background:#eef8f1}
.stays{border-color:#c9191e;color:#8f1216;background:#fdf0f0}
.quiet{color:var(--quiet);font-size:.9rem;overflow-wrap:anywhere}
ol{list-style:none;margin:0;padding:0}
li{border:1px solid var(--line);border-left-width:.35rem;border-radius:.25rem;padding:.6rem .9rem;margin:.6rem 0;
break-inside:avoid}
li.error{border-left-color:#c9191e}li.warning{border-left-color:#b34000}li.info{border-left-color:#0063cb}
.message{font-weight:600}
code{font:.85rem/1.4 ui-monospace,"DejaVu Sans Mono",Consolas,monospace;overflow-wrap:anywhere}
ul{margin:.25rem 0 0;padding-left:1.2rem;font-size:.9rem;color:var(--quiet)}
li li{border:0;padding:0;margin:.15rem 0}
@media print{@page{margin:15mm}body{font-size:10.5pt;max-width:none;margin:0;padding:0}
.verdict,li{-webkit-print-color-adjust:exact;print-color-adjust:exact}h2{break-after:avoid}}
"""


def as_html(report: Report, name: str) -> str:
    """One page, without outside resource nor script."""
    found = faults(report.findings)
    parts = "".join(_part(severity, found) for severity in Severity)
    colour = "leaves" if report.may_leave else "stays"
    return (
        '<!DOCTYPE html>\n<html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(f'{name} : {verdict(report)}')}</title><style>{_STYLE}</style></head>\n<body><main>"
        f'<h1>{escape(name)}</h1><p class="verdict {colour}">{escape(_capital(verdict(report)))}</p>'
        f'<p class="quiet">{escape(recognised(report))}</p>{parts}'
        f'<h2>Vérifications menées</h2><p class="quiet">{escape(layers(report))}</p></main></body></html>\n'
    )


def _part(severity: Severity, found: tuple[Fault, ...]) -> str:
    items = "".join(_item(fault) for fault in found if fault.severity is severity)
    return f"\n<h2>{_HEADINGS[severity]}</h2><ol>{items}</ol>" if items else ""


def _item(fault: Fault) -> str:
    head = fault.head
    others = "".join(f"<li>{_rule(other)} : {_typeset(other.message)}</li>" for other in fault.findings[1:])
    lines = (
        f'<p class="message">{_typeset(head.message)}</p>',
        f"<p>→ {_typeset(head.remedy)}</p>" if head.remedy else "",
        f'<p class="quiet">Origine : {escape(head.source)}</p>' if head.source else "",
        f'<p class="quiet">{SEVERITIES[fault.severity].capitalize()} · {_rule(head)}</p>',
        f'<p class="quiet"><code>{escape(place(head))}</code></p>' if place(head) else "",
        f"<ul>{others}</ul>" if others else "",
    )
    return f'\n<li class="{fault.severity.value}">{"".join(lines)}</li>'


def _rule(finding: Finding) -> str:
    return f"{escape(finding.layer)} · <code>{escape(finding.code)}</code>"


def _typeset(words: str) -> str:
    """Escaped, its French double signs kept on the line of the word they go with."""
    return _BEFORE_SIGN.sub("\u00a0\\1", escape(words)).replace("« ", "«\u00a0")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
