"""What the issue says that calls operations: one section for each thing that is wrong, joined in one text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

MARKER = "<!-- handover:alarm -->"

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


def build_alarm(calls: Iterable[Call], operations: Iterable[str]) -> str:
    """Build the text of the issue: exactly these *calls*, and who is called."""
    return _join({call.kind: _section(call) for call in calls}, operations)


def add_call(text: str, call: Call, operations: Iterable[str]) -> str:
    """Return *text*, which an earlier run wrote, with *call* in it: once, and the calls of other kinds kept."""
    there = {kind: section.strip() for kind, section in _SECTION.findall(text.replace("\r\n", "\n"))}
    kept: dict[Kind, str] = {kind: there[kind] for kind in get_args(Kind) if kind in there}
    return _join({**kept, call.kind: _section(call)}, operations)


def _join(sections: Mapping[Kind, str], operations: Iterable[str]) -> str:
    told = " ".join(f"@{name}" for name in operations)
    ordered = [f"<!-- handover:alarm:{kind} -->\n{sections[kind]}" for kind in get_args(Kind) if kind in sections]
    end = f"<!-- handover:alarm:end -->\nThis issue closes by itself after the next good scheduled run. {told}"
    return "\n\n".join([MARKER, *ordered, end.rstrip()])


def _section(call: Call) -> str:
    """Write the sentence in a fence, so that nothing quoted in it can command or mention, nor end its section."""
    sentence = "\n".join(call.sentence.splitlines()).replace("<!--", "<! --")
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", sentence)), default=0))
    link = f"[The job that failed]({call.job_url})" if re.fullmatch(r"https?://[^\s()<>]+", call.job_url) else ""
    return "\n\n".join(part for part in (_HEADS[call.kind], f"{fence}text\n{sentence}\n{fence}", link) if part)
