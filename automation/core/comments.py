"""Say a verdict in words: the status comment and the pings, from the texts in automation/comments/."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from automation.core.letters.model import LetterState
from automation.core.limits import limit_facts
from automation.core.memory import Seal, ping_marker, status_marker
from automation.core.model import Finding, Issue, Limit, Process, Stage, Verdict
from automation.core.remembered import Memory
from automation.core.role_names import role_name
from automation.core.words import quote

_USERNAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_MOST_NAMES = 5
# Shown once, in the ping that answers; a status comment is about what is true now.
_PING_ONLY = frozenset({"command-invalid", "label-moved", "tick-lost"})
# Told for information: nobody has to do anything.
_NEWS = frozenset({"answer", "role-changed"})
# Commanded by a person, with reason and dates.
_ORDERED = frozenset({"on-hold", "waived", "cancelled"})


@dataclass(frozen=True, slots=True)
class Words:
    """The bot's texts, compiled. ``findings`` holds message and repair by the name of the entry."""

    status: jinja2.Template
    ping: jinja2.Template
    letter: jinja2.Template
    findings: Mapping[str, tuple[jinja2.Template, jinja2.Template]]


@dataclass(frozen=True, slots=True)
class Said:
    """A finding in words: what is the case, and what to do about it."""

    message: str
    repair: str


@dataclass(frozen=True, slots=True)
class Told:
    """What one ping tells: the key of each episode, and its finding (None: a turn, a close or a reopening)."""

    keys: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    is_turn: bool = False
    is_close: bool = False
    reopened_by: str = ""


def build_words(status: str, ping: str, letter: str, findings: Mapping[str, Mapping[str, str]]) -> Words:
    """Compile the texts.

    Raises:
        jinja2.TemplateSyntaxError: with the line of the text.
    """
    environment = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    compile_ = environment.from_string
    return Words(
        compile_(status),
        compile_(ping),
        compile_(letter),
        {name: (compile_(each["message"]), compile_(each["repair"])) for name, each in findings.items()},
    )


def say(finding: Finding, verdict: Verdict, words: Words) -> Said:
    """Say a finding, the names of people in code so that nobody is mentioned."""
    # Who is addressed may be another person than who holds the roles that the text speaks of.
    roles = tuple(finding.facts.get("roles") or finding.roles)
    holders = _holders(roles, verdict) or finding.people
    facts: dict[str, Any] = {
        "line": finding.line,
        **finding.facts,
        "people": _names(holders),
        "roles": _titles(roles, verdict.process),
    }
    message, repair = words.findings[finding.words]
    return Said(tidy(message.render(facts)), tidy(repair.render(facts)))


def status_text(issue: Issue, verdict: Verdict, words: Words, letters: Sequence[tuple[LetterState, bool]] = ()) -> str:
    """Write what people see of the status comment: where the handover stands, who must act, what is missing.

    *letters* are those that belong to the stage, and whether each has been offered.
    """
    shown = [finding for finding in verdict.findings if finding.code not in _PING_ONLY]
    process = verdict.process
    place = _place(verdict)
    text = words.status.render(
        unreadable=not verdict.stage,
        is_complete=verdict.is_complete,
        is_cancelled=verdict.is_cancelled,
        is_open=issue.state == "opened",
        number=1 + sum(1 for each in (process.stages[:place] if process else ()) if each.key not in verdict.idle),
        stage=process.stages[place].title if process and place < len(process.stages) else "",
        stages=[
            {"title": stage.title, "is_passed": number < place, "is_current": number == place}
            for number, stage in enumerate(process.stages if process else ())
            if stage.key not in verdict.idle
        ],
        acting=_acting(verdict),
        alarms=[_entry(finding, verdict, words) for finding in shown if finding.is_alarm],
        ordered=[_entry(each, verdict, words) for each in shown if _is_ordered(each)],
        to_fill=[
            _entry(each, verdict, words)
            for each in shown
            if not each.is_alarm and each.code != "item-open" and not _is_ordered(each)
        ],
        to_tick=[_entry(each, verdict, words) for each in shown if each.code == "item-open"],
        send_back=_send_back(verdict),
        limit=limit_facts(verdict.limit) | {"whose": _whose(verdict.limit)} if verdict.limit else None,
        whole=limit_facts(verdict.whole) if verdict.whole else None,
        letters=[
            {
                "title": each.letter.title,
                "waits": [
                    {**_entry(wait, verdict, words), "box": wait.item if wait.code == "item-open" else ""}
                    for wait in each.waits
                ],
                "is_offered": is_offered,
            }
            for each, is_offered in letters
        ],
        is_held=verdict.hold is not None,
        rounds=len(verdict.memory.sent_back) + 1 if verdict.memory else 1,
    )
    return tidy(text)


def _is_ordered(finding: Finding) -> bool:
    """Tell whether somebody ordered it so: a hold, a waiver, an end, and that what is late may wait."""
    return finding.code in _ORDERED or (finding.code == "overdue" and not finding.is_alarm)


def _whose(limit: Limit) -> str:
    return quote(limit.person) if limit.person else ""


def status_body(text: str, memory: Memory, seal: Seal) -> str:
    """Put the sealed memory in front of the text."""
    return f"{status_marker(memory, seal)}\n\n{text}"


def ping_body(verdict: Verdict, told: Told, words: Words, seal: Seal, author: str) -> str:
    """Write one new comment that tells everything in *told*, each part to who must act on it.

    *author* is the issue's author, addressed where nobody else is known.
    """
    process, place = verdict.process, _place(verdict)
    acting = [name for people in verdict.acting.values() for name in people[:_MOST_NAMES]] or [author]
    to_do = [each for each in verdict.findings if _is_of_turn(each, verdict) and each not in told.findings]
    stages: Sequence[Stage] = process.stages if process else ()
    last = [name for role in (stages[-1].responsible if stages else ()) for name in verdict.people.get(role, ())]
    last = last or [author]
    text = words.ping.render(
        turn={
            "mentions": _mentions(acting),
            "stage": stages[place].title,
            "done": next((each.title for each in reversed(stages[:place]) if each.key not in verdict.idle), ""),
            "open": [_entry(each, verdict, words) for each in to_do],
            "send_back": stages[place].sends_back_to,
            "consulted": _consulted(verdict, stages[place], acting),
            "limit": limit_facts(verdict.limit) if verdict.limit else None,
        }
        if told.is_turn
        else None,
        close={"mentions": _mentions(last)} if told.is_close else None,
        reopened={"mentions": _mentions(last), "by": quote(told.reopened_by)} if told.reopened_by else None,
        groups=_by_people(verdict, told.findings, words, author),
        cc=_mentions(_informed(verdict, place, acting if told.is_turn else last))
        if told.is_close or (told.is_turn and _is_opening(verdict, told.keys))
        else "",
    )
    return f"{ping_marker(told.keys, seal)}\n\n{tidy(text)}"


def readers_of(key: str, finding: Finding | None, verdict: Verdict, author: str) -> tuple[list[str], list[str]]:
    """Return who is addressed when an episode is told, and who is told beside them."""
    if finding is not None:
        return list(_people(finding, verdict) or (author,)), []
    if key.startswith("turn:"):
        acting = [name for people in verdict.acting.values() for name in people[:_MOST_NAMES]] or [author]
        return acting, _informed(verdict, _place(verdict), acting)
    stages: Sequence[Stage] = verdict.process.stages if verdict.process else ()
    last = [name for role in (stages[-1].responsible if stages else ()) for name in verdict.people.get(role, ())]
    last = last or [author]
    return last, _informed(verdict, _place(verdict), last) if verdict.is_complete else []


def visible_part(body: str) -> str:
    """Return a comment without its marker line, as far as two of them can be compared."""
    return "\n".join(body.replace("\r", "").split("\n")[1:]).strip()


# --- pieces -----------------------------------------------------------------------------------------------------------


def _entry(finding: Finding, verdict: Verdict, words: Words) -> dict[str, str]:
    said = say(finding, verdict, words)
    people = _people(finding, verdict)
    who = _titles(finding.roles, verdict.process)
    named = _with_deputies(people, verdict)
    return {"message": said.message, "repair": said.repair, "who": f"{named}, {who}" if people else who}


def _is_of_turn(finding: Finding, verdict: Verdict) -> bool:
    """Tell whether a finding is work of the stage that opens: what is to do, and boxes to be ticked again."""
    item = verdict.process.items.get(finding.item) if verdict.process else None
    is_work = not finding.is_alarm and not _is_ordered(finding)
    return is_work or (item is not None and item.section == verdict.stage and finding.is_alarm)


def _by_people(verdict: Verdict, findings: Iterable[Finding], words: Words, author: str) -> list[dict[str, Any]]:
    """Gather findings by who must act on them, so that nobody is named twice."""
    groups: dict[tuple[bool, tuple[str, ...]], list[dict[str, str]]] = {}
    for finding in findings:
        people, is_news = _people(finding, verdict) or (author,), finding.code in _NEWS
        groups.setdefault((is_news, people), []).append(_entry(finding, verdict, words))
    return [
        {"mentions": _mentions(people), "findings": found, "is_news": is_news}
        for (is_news, people), found in groups.items()
    ]


def _place(verdict: Verdict) -> int:
    stages = verdict.process.stages if verdict.process else ()
    return next((place for place, stage in enumerate(stages) if stage.key == verdict.stage), len(stages))


def _people(finding: Finding, verdict: Verdict) -> tuple[str, ...]:
    return finding.people or _holders(finding.roles, verdict)


def _holders(roles: Iterable[str], verdict: Verdict) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for role in roles for name in verdict.people.get(role, ())[:_MOST_NAMES]))


def _acting(verdict: Verdict) -> str:
    parts = []
    for role, people in verdict.acting.items():
        title = _titles([role], verdict.process)
        if role in verdict.pools and len(people) > _MOST_NAMES:
            parts.append(f"any {title} ({len(people)} people)")
        else:
            parts.append(f"{_with_deputies(people, verdict)} ({title})" if people else f"the {title}")
    return ", and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _with_deputies(people: Iterable[str], verdict: Verdict) -> str:
    """Name people, a deputy with whom they stand in for."""
    return ", ".join(
        f"{quote(name)} as deputy of {quote(verdict.stand_ins[name])}" if name in verdict.stand_ins else quote(name)
        for name in dict.fromkeys(people)
    )


def _send_back(verdict: Verdict) -> str:
    """Return who may send the handover back now, "" when nobody can."""
    process = verdict.process
    stage = next((each for each in process.stages if each.key == verdict.stage), None) if process else None
    if stage is None or not stage.sends_back_to:
        return ""
    roles = stage.accountable
    people = [name for role in roles for name in verdict.people.get(role, ())]
    return f"{_names(people)} ({_titles(roles, process)})" if people else f"The {_titles(roles, process)}"


def _is_opening(verdict: Verdict, keys: Sequence[str]) -> bool:
    """Tell whether a turn is that of a stage which has just opened, not of one that goes on after a hold."""
    holds = (
        [each.note_id for each in verdict.memory.commands if each.kind in ("hold", "cancel")] if verdict.memory else []
    )
    return not any(key == f"turn:{verdict.stage}:{note_id}" for key in keys for note_id in holds)


def _informed(verdict: Verdict, place: int, acting: Iterable[str]) -> list[str]:
    """Return who is told that a stage has opened, and who that the ones before it are finished; nobody twice."""
    if verdict.process is None or place == 0:
        return []
    stages = verdict.process.stages
    opened = [each for each in stages[place : place + 1] if not each.is_told_when_finished]
    done = [each for each in stages if each.key in verdict.finished]
    finished = [each for each in done if each.is_told_when_finished or each == stages[0]]
    # A whole pool is not told: of whom nobody is named, nobody follows this handover.
    roles = [role for stage in (*opened, *finished) for role in stage.informed if role not in verdict.pools]
    names = dict.fromkeys(name for role in roles for name in verdict.people.get(role, ()))
    return [name for name in names if name not in set(acting)]


def _consulted(verdict: Verdict, stage: Stage, acting: Iterable[str]) -> str:
    """Name whom to ask in a stage, as far as the issue names somebody who does not work there: `x` (AE)."""
    named = {role: verdict.people.get(role, ()) for role in stage.consulted if role not in verdict.pools}
    others = {role: [name for name in people if name not in set(acting)] for role, people in named.items()}
    return ", ".join(
        f"{_names(people)} ({_titles([role], verdict.process)})" for role, people in others.items() if people
    )


def _titles(roles: Iterable[str], process: Process | None) -> str:
    """Return the readers' names of roles: the title of the field that names the person."""
    return " or the ".join(dict.fromkeys(role_name(process, role) for role in roles))


def _names(people: Iterable[str]) -> str:
    return ", ".join(quote(name) for name in dict.fromkeys(people))


def _mentions(people: Iterable[str]) -> str:
    return ", ".join(mention(name) for name in dict.fromkeys(people))


def mention(name: str) -> str:
    """Mention somebody by username; what is no username is quoted and mentions nobody."""
    return f"@{name}" if _USERNAME.fullmatch(name) else quote(name)


def tidy(text: str) -> str:
    """Leave at most one blank line in a row, and no line that GitLab could take for a quick action."""
    text = re.sub(r"[ \t]+\n", "\n", text)
    text = re.sub(r"\n{3,}", "\n\n", text)
    return re.sub(r"(?m)^/", r"\\/", text).strip()
