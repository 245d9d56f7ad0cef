"""What runs of triage look at beside the handovers: does the schedule live, how long does the token last?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from automation.core.configuration import ScheduleSettings
from automation.core.doctor.runs import say_dead, take_pulse
from automation.core.doctor.tokens import say_expiry
from automation.core.installation import Seen, Unseen
from automation.core.schedules import find_triage_schedule
from automation.edge.gitlab import GitLab
from automation.edge.installation import fetch_own_token, fetch_past_runs, fetch_schedules


def watch_schedule(
    gitlab: GitLab, scope: str, settings: ScheduleSettings, job_names: Collection[str], now: datetime
) -> Seen[str]:
    """Return what is wrong with the schedule of triage, "" while it lives.

    Three requests, as long as its last pipeline judged the handovers. Where no schedule has our name, any scheduled run
    of *job_names*, which judge every handover, counts, at the times of *settings*.
    """
    schedules = fetch_schedules(gitlab, scope, with_variables=False)
    if isinstance(schedules, Unseen):
        return schedules
    schedule = find_triage_schedule(schedules)
    if not schedules:
        return say_dead(None, 0, ())
    runs = fetch_past_runs(gitlab, scope, schedule.id if schedule else None, job_names)
    if isinstance(runs, Unseen):
        return runs
    return say_dead(schedule, len(schedules), runs) if take_pulse(schedule, settings, runs, now).is_dead else ""


def watch_token(gitlab: GitLab, today: date) -> str:
    """Return what to do about a token that ends within thirty days, "" while there is time. One request."""
    return say_expiry(fetch_own_token(gitlab), today)
