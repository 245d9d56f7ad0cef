"""Time limits: when does the time of a stage and of the whole process end, and was it kept? (Decision 10.)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from automation.core.judged import Judged
from automation.core.model import Finding, Limit, Stage
from automation.core.passing import opening_of, passed_gates, reopened_stages
from automation.core.people import MANAGER
from automation.core.remembered import Kept, Passed
from automation.core.words import quote
from automation.core.workdays import Deadline, Pause, week_deadline, working_deadline

WHOLE = "process"
# The last moment of a day is given as 23:59:59; the day is over a second later.
_INSTANT = timedelta(seconds=1)
_MOST_PEOPLE = 5
_MOST_KEPT = 60


@dataclass(frozen=True, slots=True)
class Timing:
    """When gates were passed, the limits that run now, and all verdicts on limits that were ever given."""

    gates: Mapping[str, Passed]
    reopened: Mapping[str, Passed]
    opening: Passed | None
    limit: Limit | None
    whole: Limit | None
    kept: tuple[Kept, ...]


def judge_timing(judged: Judged) -> Timing:
    """Find the limits of the current stage and of the process, and give a verdict on those that have ended.

    A verdict once given is kept, with the calendar by which it was given: changed holidays, absences and people alter
    only what is still running.
    """
    gates, reopened = passed_gates(judged), reopened_stages(judged)
    memory = judged.case.memory
    if judged.commanded.cancel() is not None:
        return Timing(gates, reopened, None, None, None, memory.kept if memory else ())
    before = memory.reopened if memory else {}
    kept = {(each.about, each.cause): each for each in (memory.kept if memory else ())}
    for place, stage in enumerate(judged.process.stages[: judged.place]):
        opened = opening_of(judged, place, gates, before)
        if stage.key not in judged.idle and (stage.key, opened.note_id) not in kept:
            ended_at = _ended_at(judged, stage, opened, gates[stage.key])
            _keep(kept, _stage_limit(judged, place, opened, ended_at), ended_at)
    if judged.stage is None:
        ended_at = gates[judged.process.stages[-1].key].at
        _keep(kept, _whole_limit(judged, ended_at), ended_at)
        return Timing(gates, reopened, None, None, None, tuple(kept.values())[-_MOST_KEPT:])
    whole = _whole_limit(judged)
    opening = opening_of(judged, judged.place, gates, reopened)
    limit = _as_kept(_stage_limit(judged, judged.place, opening), kept, judged.now)
    whole = _as_kept(whole, kept, judged.now)
    for each in (limit, whole):
        if each is not None and each.is_missed:
            _keep(kept, each, judged.now)
    return Timing(gates, reopened, opening, limit, whole, tuple(kept.values())[-_MOST_KEPT:])


def _ended_at(judged: Judged, stage: Stage, opening: Passed, passed: Passed) -> datetime:
    """Return when the time of a stage that is passed ended: without a memory, when its gate was passed first.

    What shut it again later was another opening, of which only the memory knew.
    """
    first = judged.replayed.first_passed.get(stage.key)
    at = judged.time_of(first) if first is not None and judged.case.memory is None else passed.at
    return at if at >= opening.at else passed.at


def _keep(kept: dict[tuple[str, int], Kept], limit: Limit | None, ended_at: datetime) -> None:
    if limit is not None:
        is_missed = ended_at >= limit.due_at + _INSTANT
        found = Kept(
            limit.about, limit.cause, limit.started_at, limit.due_at, limit.calendar, is_missed, ended_at, limit.later
        )
        kept.setdefault((limit.about, limit.cause), found)


def _as_kept(limit: Limit | None, kept: Mapping[tuple[str, int], Kept], now: datetime) -> Limit | None:
    """Return *limit* with the verdict that was given on it, now or earlier."""
    if limit is None:
        return None
    old = kept.get((limit.about, limit.cause))
    if old is not None and old.is_missed:
        return replace(limit, due_at=old.due_at, later=old.later, calendar=old.calendar, is_missed=True)
    return replace(limit, is_missed=now >= limit.due_at + _INSTANT)


def _stage_limit(judged: Judged, place: int, opening: Passed, ended_at: datetime | None = None) -> Limit | None:
    """Return the limit of a stage: its working days, else its window of weeks. No hold after *ended_at* moves it.

    A stage that opens later than its window begins has as many weeks as the window has, from its opening on: whoever
    gets it late is not late at once (H11).
    """
    stage = judged.process.stages[place]
    roles = (stage.calendar_of,) if stage.calendar_of else stage.responsible
    people = [name for role in roles for name in judged.cast.named.get(role, ())][:_MOST_PEOPLE]
    if stage.working_days:
        found = _latest(
            working_deadline(opening.at, stage.working_days, name, judged.cast.calendars, _pauses(judged, ended_at))
            for name in people or [""]
        )
        return _limit(judged, stage.key, opening, found, stage.working_days, is_working=True)
    if stage.weeks is None:
        return None
    first, last = stage.weeks
    begins_at = max(opening.at, judged.issue.created_at + timedelta(weeks=first - 1))
    days = 7 * (last - first + 1)
    found = _latest(
        week_deadline(begins_at, days, name, judged.cast.calendars, _pauses(judged, ended_at))
        for name in people[:1] or [""]
    )
    return _limit(judged, stage.key, opening, found, days, is_working=False)


def _whole_limit(judged: Judged, ended_at: datetime | None = None) -> Limit | None:
    if judged.process.weeks is None:
        return None
    started = Passed(0, judged.issue.created_at)
    people = [name for role in judged.process.stages[0].responsible for name in judged.cast.named.get(role, ())]
    days = 7 * judged.process.weeks[1]
    person = people[0] if people else ""
    found = week_deadline(started.at, days, person, judged.cast.calendars, _pauses(judged, ended_at))
    return _limit(judged, WHOLE, started, found, days, is_working=False)


def _pauses(judged: Judged, ended_at: datetime | None) -> tuple[Pause, ...]:
    return tuple(each for each in judged.pauses if ended_at is None or each.starts_at < ended_at)


def _latest(found: Iterator[Deadline]) -> Deadline:
    """Where several people must act, nobody is late before the last of them is."""
    return max(found, key=lambda each: each.due_at)


def _limit(judged: Judged, about: str, started: Passed, found: Deadline, days: int, *, is_working: bool) -> Limit:
    return Limit(
        about=about,
        cause=started.note_id,
        started_at=started.at,
        due_at=found.due_at,
        warn_from=found.warn_from,
        later=found.later,
        days=days,
        is_working=is_working,
        person=found.person,
        calendar=str(found.calendar),
        is_paused=any(each.ends_at > started.at and each.starts_at < found.due_at for each in judged.pauses),
    )


# --- what is said of them ---------------------------------------------------------------------------------------------


def limit_findings(judged: Judged, timing: Timing, acting: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """Yield what is due soon or overdue, and who must act and is away with nobody in their place; no alarm on hold."""
    stage = judged.stage
    if stage is None or judged.issue.state == "closed":
        return
    is_held = judged.commanded.hold(judged.now) is not None
    for limit in filter(None, (timing.limit, timing.whole)):
        code = "overdue" if limit.is_missed else "due-soon" if judged.now >= limit.warn_from and not is_held else ""
        if code:
            words = code if limit.about != WHOLE else f"{code}.{WHOLE}"
            roles = tuple(acting)
            yield _finding(judged, code, words, limit, stage, about=limit.about, roles=roles, is_alarm=not is_held)
    if not is_held:
        yield from _away(judged, timing, acting)


def escalations(judged: Judged, timing: Timing, acting: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """Yield the calls to others over what is overdue: who is accountable, then the manager, a working day a step.

    Whoever was called before is not called again; a step with nobody new in it is left out.
    """
    stage = judged.stage
    if stage is None or judged.issue.state == "closed" or judged.commanded.hold(judged.now) is not None:
        return
    called = {name for people in acting.values() for name in people}
    ladder: list[tuple[str, tuple[str, ...]]] = []
    for step, people in (
        ("accountable", tuple(name for role in stage.accountable for name in judged.cast.people(role))),
        ("manager", judged.cast.managers()),
    ):
        new = tuple(name for name in dict.fromkeys(people) if name not in called)[:_MOST_PEOPLE]
        called.update(new)
        ladder += [(step, new)] if new else []
    for limit in filter(None, (timing.limit, timing.whole)):
        for (step, people), after in zip(ladder, limit.later, strict=False):
            if limit.is_missed and judged.now >= after + _INSTANT:
                words = "overdue.escalated" if limit.about != WHOLE else f"overdue.escalated-{WHOLE}"
                waits_for = ", ".join(quote(name) for names in acting.values() for name in names)
                about = f"{limit.about}.{step}"
                yield _finding(judged, "overdue", words, limit, stage, about=about, people=people, waits_for=waits_for)


def _away(judged: Judged, timing: Timing, acting: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """Yield one finding for each role that must act and whose people are all away without a deputy."""
    cast, stage = judged.cast, judged.stage
    if stage is None or timing.opening is None:
        return
    for role in acting:
        named = cast.named.get(role, ())
        if not named or not all(cast.is_away(role, name, judged.now) for name in named):
            continue
        managers = tuple(
            name for name in cast.managers() if name not in named and not cast.is_away(MANAGER, name, judged.now)
        )
        day = cast.calendars.day_of(named[0], judged.now)
        absence = cast.calendars.absence(named[0], day)
        yield Finding(
            "due-soon",
            "due-soon.away",
            {"by": quote(named[0]), "until": absence.last.isoformat() if absence else "", "roles": (role,)},
            about=f"away.{role}",
            people=managers or _others(judged, role),
            source=stage.source,
            cause=timing.opening.note_id,
        )


def _others(judged: Judged, role: str) -> tuple[str, ...]:
    """Return who is responsible for another part of the process than the holders of *role*."""
    people = (name for each in judged.process.working_roles if each != role for name in judged.cast.people(each))
    return tuple(dict.fromkeys(people))[:1]


def _finding(judged: Judged, code: str, words: str, limit: Limit, stage: Stage, **more: object) -> Finding:
    facts = {**limit_facts(limit), "stage": stage.title, "waits_for": more.pop("waits_for", "")}
    source = stage.source if limit.about != WHOLE else tuple(judged.process.schema.get("x-source", ()))
    # After a hold the clock is another one, and what is over or due is told anew.
    holds = (each.note_id for each in judged.commanded.given if each.kind in ("hold", "cancel"))
    cause = max(limit.cause, *holds, 0)
    return Finding(code, words, facts, source=source, cause=cause, **more)  # type: ignore[arg-type]


def limit_facts(limit: Limit) -> dict[str, object]:
    """Return a limit in words: when it began, when it ends, how long it is, by whose calendar."""
    zone = limit.due_at.tzinfo
    return {
        "since": say_day(limit.started_at.astimezone(zone).date()),
        "due": say_day(limit.due_at.date()),
        "days": f"{say_days(limit)}, less the days on hold," if limit.is_paused else say_days(limit),
        "calendar": limit.calendar,
    }


def say_days(limit: Limit) -> str:
    """Say how long a limit is: "3 working days", "4 weeks"."""
    count, unit = (limit.days, "working day") if limit.is_working else (limit.days // 7, "week")
    return f"{count} {unit}{'s' if count > 1 else ''}"


def say_day(day: date) -> str:
    """Say a day so that nobody takes the month for the day: "Thursday, 2026-11-05"."""
    return f"{_WEEKDAYS[day.weekday()]}, {day.isoformat()}"


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
