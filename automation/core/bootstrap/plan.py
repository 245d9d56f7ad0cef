"""What the schemas want and what was found -> the steps between them, and what is left to people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from automation.core.bootstrap.boards import KnownLabels, plan_boards
from automation.core.bootstrap.credentials import plan_credentials
from automation.core.bootstrap.labels import plan_labels, plan_renames
from automation.core.bootstrap.schedule import plan_schedule
from automation.core.bootstrap.steps import Found, Home, Place, Plan, Remark
from automation.core.bootstrap.wanted import Wanted
from automation.core.bootstrap.webhook import plan_webhook
from automation.core.configuration import ScheduleSettings
from automation.core.installation import Unseen


@dataclass(frozen=True, slots=True)
class Purpose:
    """What the plan is for. ``today`` decides which tokens end soon; ``with_secrets`` lets it make token and key."""

    wanted: Wanted
    schedule: ScheduleSettings
    today: date
    with_secrets: bool = False


def plan_bootstrap(purpose: Purpose, found: Found) -> Plan:
    """Plan the way from what was *found* to what is wanted.

    Token and key come before the webhook, and the schedule last: what they start needs all the rest.

    Returns:
        A plan without steps when all is as it should be, so that a second run plans nothing.
    """
    plan = plan_labels(found.labels_at, purpose.wanted.labels, found.labels)
    plan += plan_all_boards(purpose.wanted, found)
    if found.home is not None:
        return plan + _plan_home(purpose, found, found.home)
    message = "The schedule was not looked at: name the project that holds this repository with --project."
    return plan + Plan(remarks=(Remark(found.labels_at, message),))


def plan_all_boards(wanted: Wanted, found: Found) -> Plan:
    """Plan the boards of every place that was found."""
    ids = {label.name: label.id for label in sorted(found.labels, key=lambda each: each.is_own)}
    renamed = plan_renames(wanted.labels, found.labels)
    known = KnownLabels({renamed.get(name, name): label_id for name, label_id in ids.items()}, renamed)
    plan = Plan()
    for place, boards in found.boards:
        if isinstance(boards, Unseen):
            message = f"Boards cannot be seen with this token: that needs the role {boards.needs}."
            plan += Plan(remarks=(Remark(place, message),))
        else:
            plan += plan_boards(place, wanted.boards, boards, known)
    if not found.boards:
        message = "The group has no project with issues yet, so there are no boards to make. Run this again then."
        plan += Plan(remarks=(Remark(found.labels_at, message),))
    return plan


def _plan_home(purpose: Purpose, found: Found, home: Home) -> Plan:
    plan = plan_credentials(home, found.group, purpose.today, purpose.with_secrets)
    if not home.facts.default_branch:
        message = "The project has no branch yet, so nothing can run: push this repository first, then run this again."
        return plan + Plan(remarks=(Remark(home.place, message),))
    if found.group:
        plan += _only_by_schedule(home.place, purpose.schedule)
    else:
        plan += plan_webhook(home, purpose.schedule.at_once)
    return plan + plan_schedule(home, purpose.schedule, found.group, found.me)


def _only_by_schedule(place: Place, settings: ScheduleSettings) -> Plan:
    message = (
        "Runs at once (schedule.at_once) work for one project only: the handovers of the group wait for the schedule."
    )
    return Plan(remarks=(Remark(place, message),)) if settings.at_once else Plan()
