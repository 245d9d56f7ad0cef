"""What the issue says that calls operations: one section for each thing that is wrong, and what people wrote around it.

Our part stands between two markers. What people write before and behind it stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

MARKER = "<!-- handover:alarm -->"
TITLE = "Handover automation needs help"
_END = "<!-- handover:alarm:end -->"

Kind: TypeAlias = Literal["run", "schedule", "token"]
_HEADS: Mapping[Kind, str] = {
    "run": "**A scheduled run did not end well.** Handovers it did not reach are judged by the next run that works.",
    "schedule": "**Triage does not run by its schedule any more.** A run that a webhook started has noticed.",
    "token": "**The token of triage ends soon.**",
}
_SECTION = re.compile(r"(?ms)^<!-- handover:alarm:([a-z]+) -->\n(.*?)(?=^<!-- handover:alarm:[a-z]+ -->$)")


@dataclass(frozen=True, slots=True)
class Call:
    """One thing that is wrong: *sentence* says what, and what to do. ``job_url`` is "" where no job tells more."""

    kind: Kind
    sentence: str
    job_url: str = ""


def build_alarm(calls: Iterable[Call], operations: Iterable[str], text: str = "") -> str:
    """Return *text*, what the issue says by now, with exactly these *calls* in our part, and who is called.

    Where our part says them already, nothing changes, whatever people wrote into it.
    """
    calls = list(calls)
    text = _with_plain_ends(text)
    if set(_sections(text)) == {call.kind for call in calls} and all(says(text, call) for call in calls):
        return text
    return _put(text, {call.kind: _section(call) for call in calls}, operations)


def add_call(text: str, call: Call, operations: Iterable[str]) -> str:
    """Return *text*, which an earlier run wrote, with *call* in it: once, and the calls of other kinds kept."""
    text = _with_plain_ends(text)
    if _section(call) in _sections(text).get(call.kind, ""):
        return text
    return _put(text, {**_sections(text), call.kind: _section(call)}, operations)


def says(text: str, call: Call) -> bool:
    """Tell whether *text* says what *call* does; the job that noticed may be another."""
    return _fenced(call) in _sections(_with_plain_ends(text)).get(call.kind, "")


def _with_plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n")


def _sections(text: str) -> dict[Kind, str]:
    """Return what our part of *text* says, by kind."""
    ours = text.partition(MARKER)[2].partition(_END)
    found = {kind: section.strip() for kind, section in _SECTION.findall(ours[0] + ours[1])}
    return {kind: found[kind] for kind in get_args(Kind) if kind in found}


def _put(text: str, sections: Mapping[Kind, str], operations: Iterable[str]) -> str:
    """Put our part in the place of the one that is there, else behind what people wrote."""
    before, marker, rest = text.partition(MARKER)
    _, end, behind = rest.partition(_END)
    part = _join(sections, operations)
    if not marker:
        return "\n\n".join(each for each in (before.strip(), part) if each)
    return f"{before}{part}{behind if end else ''}"


def _join(sections: Mapping[Kind, str], operations: Iterable[str]) -> str:
    told = " ".join(f"@{name}" for name in operations)
    ordered = [f"<!-- handover:alarm:{kind} -->\n{sections[kind]}" for kind in get_args(Kind) if kind in sections]
    end = "first good scheduled run with a renewed token" if "token" in sections else "next good scheduled run"
    foot = f"{TITLE}: this issue closes by itself after the {end}. What you write above or below stays. {told}"
    return "\n\n".join([MARKER, *ordered, f"<!-- handover:alarm:foot -->\n{foot.rstrip()}\n{_END}"])


def _section(call: Call) -> str:
    is_link = re.fullmatch(r"https?://[^\s()<>]+", call.job_url)
    link = f"[The job that failed]({call.job_url})" if is_link else ""
    return "\n\n".join(part for part in (_HEADS[call.kind], _fenced(call), link) if part)


def _fenced(call: Call) -> str:
    """Write the sentence in a fence, so that nothing quoted in it can command or mention, nor end its section."""
    sentence = "\n".join(call.sentence.splitlines()).replace("<!--", "<! --")
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", sentence)), default=0))
    return f"{fence}text\n{sentence}\n{fence}"
