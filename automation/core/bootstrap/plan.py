"""What the schemas want and what was found -> the steps between them, and what is left to people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from automation.core.access import MAINTAINER, name_role
from automation.core.bootstrap.boards import KnownLabels, plan_boards
from automation.core.bootstrap.labels import plan_doubled, plan_labels, plan_renames
from automation.core.bootstrap.provision import plan_credentials
from automation.core.bootstrap.schedule import plan_schedule
from automation.core.bootstrap.steps import Found, Home, Plan, Remark
from automation.core.bootstrap.wanted import Wanted
from automation.core.bootstrap.webhook import find_hooks, plan_others_trigger, plan_webhook
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
    plan = _remark_place(found.home) if found.home is not None else Plan()
    plan += plan_labels(found.labels_at, purpose.wanted.labels, found.labels)
    plan += plan_all_boards(purpose.wanted, found)
    if found.home is not None:
        plan += plan_doubled(found.home, purpose.wanted.labels, found.labels, found.group)
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
            plan += Plan(remarks=(Remark(place, message, is_gap=True),))
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
        plan += _only_by_schedule(home, purpose.schedule)
    else:
        plan += plan_webhook(home, purpose.schedule.at_once, purpose.today)
        plan += plan_others_trigger(home, found.me) if purpose.schedule.at_once else Plan()
    return plan + plan_schedule(home, purpose.schedule, found.group, found.me)


def _remark_place(home: Home) -> Plan:
    """Tell what stands in the way of all the rest: too small a role, or a project that handovers should not lie in.

    A level of 0 is that of an administrator who is no member, too.
    """
    facts = home.facts
    messages = []
    if 0 < facts.access_level < MAINTAINER:
        messages.append(
            f"Your role in the project is {name_role(facts.access_level)}. Labels and boards need Planner or Reporter;"
            " the schedule Developer, and the right to merge to the default branch; webhook, trigger and variables"
            " Maintainer. Let a Maintainer run this, or give you that role."
        )
    if facts.visibility == "public":
        messages.append(
            "The project is public, so everybody on the internet can read its handovers: make it private under Settings"
            " › General › Visibility."
        )
    if not facts.has_issues:
        messages.append("Issues are switched off in the project: switch them on under Settings › General › Visibility.")
    return Plan(remarks=tuple(Remark(home.place, message) for message in messages))


def _only_by_schedule(home: Home, settings: ScheduleSettings) -> Plan:
    messages = []
    if settings.at_once:
        messages.append(
            "Runs at once (schedule.at_once) work for one project only: the handovers of the group wait for the"
            " schedule."
        )
    if not isinstance(home.hooks, Unseen) and find_hooks(home.facts, home.hooks):
        messages.append(
            "The webhook of this one project still starts runs at once. The schedule judges its handovers now: delete"
            " the webhook under Settings › Webhooks."
        )
    return Plan(remarks=tuple(Remark(home.place, message) for message in messages))
