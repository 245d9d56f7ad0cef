"""Whether triage still runs by the clock: it is what dies silently (field study, C35)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from automation.core.configuration import ScheduleSettings
from automation.core.doctor.check import Check, at, broken, fine, hidden, listing
from automation.core.doctor.schedule import PAGE, where
from automation.core.installation import PastRun, Schedule, Seen, Unseen
from automation.core.schedules import TRIAGE_SCHEDULE, Pulse, judge_pulse
from automation.core.words import quote

_BAD = ("failed", "canceled", "skipped")
# A run that began so long ago and has not ended waits for something that does not come.
_STUCK = timedelta(hours=1)
_PIPELINES = "Build › Pipelines"


def last_success(runs: tuple[PastRun, ...]) -> datetime | None:
    """Return when triage last succeeded, None where no such run is known."""
    return max((each.ended_at for each in runs if each.ended_at is not None), default=None)


def take_pulse(
    schedule: Schedule | None, settings: ScheduleSettings, runs: tuple[PastRun, ...], now: datetime
) -> Pulse:
    """Judge whether triage runs by the clock: that of *schedule*, or, where nobody knows it, of the configuration.

    A schedule that nobody knows and that never was seen to run is dead.
    """
    last = last_success(runs)
    if schedule is not None:
        return judge_pulse(schedule.cron, schedule.time_zone, last or schedule.created_at, now)
    if last is None:
        return Pulse(None, True)
    return judge_pulse(settings.cron, settings.time_zone, last, now)


def judge_runs(
    schedule: Schedule | None, settings: ScheduleSettings, runs: Seen[tuple[PastRun, ...]], now: datetime
) -> tuple[Check, ...]:
    """Judge the last run and the last success of triage; *runs* are the newest first, back to the last success.

    *schedule* is None where the project has none of our name.
    """
    if isinstance(runs, Unseen):
        return (hidden("triage-last-success", "Triage", "When triage last succeeded", runs),)
    if schedule is None and not runs:
        return ()
    return (*_judge_last_run(runs, now), _judge_last_success(schedule, settings, runs, now))


def _judge_last_run(runs: tuple[PastRun, ...], now: datetime) -> Iterator[Check]:
    if not runs or runs[0].ended_at is not None:
        return
    run = runs[0]
    told = f"The last run, of {at(run.created_at)}, is {quote(run.status)}"
    link = run.web_url or _PIPELINES
    if run.status in _BAD:
        yield broken("triage-last-run", "Triage", f"{told}.", f"Look why: {link}")
    elif run.status == "success":
        told = f"{told}, but its triage job did not succeed, or there was none."
        yield broken("triage-last-run", "Triage", told, f"Look why: {link}")
    elif run.created_at + _STUCK < now:
        yield broken("triage-last-run", "Triage", f"{told} and does not end.", _unstick(run))
    else:
        yield fine("triage-last-run", "Triage", f"{told}.")


def _unstick(run: PastRun) -> str:
    link = run.web_url or _PIPELINES
    return f"Does a runner take it? Settings › CI/CD › Runners. If it hangs, cancel it, since others wait: {link}"


def _judge_last_success(
    schedule: Schedule | None, settings: ScheduleSettings, runs: tuple[PastRun, ...], now: datetime
) -> Check:
    name, last, pulse = "triage-last-success", last_success(runs), take_pulse(schedule, settings, runs, now)
    since = _since(runs, last)
    if pulse.trouble is not None:
        told = f"{since}; when it is due cannot be made out from its cron and time zone."
        return Check(name, "Triage", "hidden", told, needs="a cron and a time zone that can be read")
    if pulse.is_dead:
        made = f", and the schedule was made on {at(schedule.created_at)}" if schedule else ""
        told = f"{since}: more than twice its interval ago." if last else f"{since}{made}."
        return broken(name, "Triage", told, _revive(schedule, runs))
    if last is None and not runs:
        planned = schedule.next_run_at if schedule else None
        first = f" Its first run is due on {at(planned)}." if planned else ""
        return fine(name, "Triage", f"Triage has not run yet.{first}")
    return fine(name, "Triage", f"{since}.")


def _since(runs: tuple[PastRun, ...], last: datetime | None) -> str:
    if last is not None:
        return f"Triage last succeeded on {at(last)}"
    if not runs:
        return "No run of triage was found"
    return f"Of the last {len(runs)} runs of triage none succeeded" if len(runs) > 1 else "The last run did not succeed"


def _revive(schedule: Schedule | None, runs: tuple[PastRun, ...]) -> str:
    if schedule is None:
        return "Have the schedule of triage made or named, as said under Schedule."
    if not schedule.is_active:
        return f"{where(schedule)} › Edit: tick Activated."
    run = runs[0] if runs else None
    if run is not None and run.status in (*_BAD, "success") and run.ended_at is None:
        return f"Look why the runs fail: {run.web_url or _PIPELINES}"
    if run is not None and run.ended_at is None:
        return _unstick(run)
    return f"{where(schedule)} › ▶, and look at the pipeline that it starts, or at why it starts none."


def say_dead(schedule: Schedule | None, others: int, runs: tuple[PastRun, ...]) -> str:
    """Say that the schedule died, the same words until it lives again: for the issue that calls operations.

    *others* counts the schedules of other names, where there is none of ours.
    """
    last = last_success(runs)
    if schedule is None:
        told = f'There is no pipeline schedule "{TRIAGE_SCHEDULE}"' + (", only others." if others else " any more.")
        repair = f"If one of them runs triage, call it {TRIAGE_SCHEDULE}; else " if others else ""
        repair += "handover bootstrap --apply makes it. Without a shell: ask whoever set this up."
    else:
        since = f"last succeeded on {at(last)}" if last else _never(schedule, runs)
        told = f'The pipeline schedule "{listing([schedule.description])}" {since}.'
        repair = _revive_by_hand(schedule)
    lost = "Limits and reminders are told by the scheduled run only: until it works, nobody is warned."
    return f"{told}\n{lost}\n{repair}"


def _never(schedule: Schedule, runs: tuple[PastRun, ...]) -> str:
    if runs:
        return "runs, but none of its last runs succeeded"
    return f"has not succeeded since it was made on {at(schedule.created_at)}"


def _revive_by_hand(schedule: Schedule) -> str:
    if not schedule.is_active:
        return f"It is switched off. {PAGE} › Edit: tick Activated."
    return f"{PAGE}: is its owner still there, does ▶ start a pipeline? handover doctor says more."
