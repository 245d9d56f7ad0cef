"""What runs of triage look at beside the handovers: does the schedule live, how long does the token last?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from automation.core.doctor.schedule import say_dead
from automation.core.doctor.tokens import say_expiry
from automation.core.installation import Seen, Unseen
from automation.core.schedules import find_triage_schedule, judge_pulse
from automation.edge.gitlab import GitLab
from automation.edge.installation import fetch_own_token, fetch_past_runs, fetch_schedules


def watch_schedule(gitlab: GitLab, scope: str, branch: str, job_names: Collection[str], now: datetime) -> Seen[str]:
    """Return what is wrong with the schedule of triage, "" while it lives.

    Three requests, as long as its last pipeline judged the handovers. *branch* is the default branch, "" where it is
    not known; *job_names* are the jobs that judge every handover.
    """
    schedules = fetch_schedules(gitlab, scope, with_variables=False)
    if isinstance(schedules, Unseen):
        return schedules
    schedule = find_triage_schedule(schedules, branch)
    if schedule is None:
        return say_dead(None, None)
    runs = fetch_past_runs(gitlab, scope, schedule.id, job_names)
    if isinstance(runs, Unseen):
        return runs
    last = max((run.ended_at for run in runs if run.ended_at is not None), default=None)
    return say_dead(schedule, last) if judge_pulse(schedule, last, now).is_dead else ""


def watch_token(gitlab: GitLab, today: date) -> str:
    """Return what to do about a token that ends within thirty days, "" while there is time. One request."""
    return say_expiry(fetch_own_token(gitlab), today)
