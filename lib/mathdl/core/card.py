"""Verdicts as a card for Jupyter and as a line of LaTeX; state told by word and symbol, not by colour alone."""

from __future__ import annotations

from html import escape

from mathdl.core.theorem import State, Verdict

SYMBOL = {State.HOLDS: "✓", State.HOLDS_IF: "✓?", State.VACUOUS: "○", State.SILENT: "—", State.VIOLATED: "✗"}
COLOUR = {State.HOLDS: "#2a7f3f", State.HOLDS_IF: "#5b7f2a", State.VACUOUS: "#8a6d00", State.SILENT: "#6b6b6b",
          State.VIOLATED: "#b3261e"}
MEANS = {State.HOLDS: "every hypothesis was checked, and the conclusion is true here",
         State.HOLDS_IF: "the conclusion is true here; a hypothesis marked ? cannot be decided by numbers",
         State.VACUOUS: "true, but the bound says no more than was known without it",
         State.SILENT: "a hypothesis is false, so nothing follows",
         State.VIOLATED: "the hypotheses are true and the conclusion is false"}
MARK = {True: ("✓", "true"), False: ("✗", "false"), None: ("?", "undecided")}


def html_card(verdict: Verdict) -> str:
    """The card of one verdict; all text from outside is escaped, mathematics stays between dollar signs."""
    t, state = verdict.theorem, verdict.state
    rows = "".join(f'<li style="list-style:none"><span aria-hidden="true">{MARK[a][0]}</span> {escape(h)} '
                   f'<small>({MARK[a][1]})</small></li>' for a, h in zip(verdict.given, t.hypotheses, strict=True))
    where = f"<div><small>Instance: {escape(verdict.instance)}</small></div>" if verdict.instance else ""
    fails = "" if verdict.satisfied else " does not hold"
    erratum = f"<div><strong>Erratum.</strong> {escape(t.erratum)}</div>" if t.erratum else ""
    return (
        f'<div role="group" aria-label="{escape(t.name, quote=True)}: {state.value}" style="border:1px solid #8888;'
        f'border-left:6px solid {COLOUR[state]};border-radius:6px;padding:.5em .9em;margin:.4em 0;max-width:46em">'
        f"<div><strong>{escape(t.name)}</strong> <small>{escape(t.source)} · <code>{escape(t.id)}</code></small></div>"
        f'<div style="margin:.3em 0"><span style="background:{COLOUR[state]};color:#fff;border-radius:4px;'
        f'padding:.1em .5em"><span aria-hidden="true">{SYMBOL[state]}</span> {state.value}</span> '
        f"<small>{MEANS[state]}</small></div>"
        f"<div>${escape(t.says)}$</div>{erratum}"
        f"<div>{escape(t.measures)}: <strong>{escape(verdict.comparison)}</strong>{fails}</div>{where}"
        f'<ul style="margin:.2em 0;padding-left:0">{rows}</ul></div>')


def latex_line(verdict: Verdict) -> str:
    """One line of LaTeX: name, conclusion, numbers, state."""
    relation = {"≤": r"\le", "≥": r"\ge", "=": "="}[verdict.relation]
    numbers = latex_text(verdict.comparison).replace(verdict.relation, f"${relation}$").replace("±", r"$\pm$")
    return rf"\textbf{{{latex_text(verdict.theorem.name)}}} ${verdict.theorem.says}$: {numbers} ({verdict.state.value})"


def latex_text(text: str) -> str:
    """Text with LaTeX's special characters escaped."""
    special = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{",
               "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(special.get(c, c) for c in text)
