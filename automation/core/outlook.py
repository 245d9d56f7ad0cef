"""What people see of a judged issue: the findings that matter now, and whose turn it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from automation.core.commands import Refusal
from automation.core.judged import Judged
from automation.core.limits import Timing, limit_findings, say_day
from automation.core.losses import loss_findings
from automation.core.model import CANCELLED, Finding, Process
from automation.core.order import disordered_findings, early_findings
from automation.core.people import MANAGER
from automation.core.remembered import Command
from automation.core.validity import box_finding
from automation.core.words import quote


def visible_findings(
    judged: Judged, timing: Timing, lost: Mapping[str, int], acting: Mapping[str, Sequence[str]]
) -> tuple[Finding, ...]:
    """Return the findings to show, in the order of stages.

    Work that is still to do is shown for the current stage only; traps are shown wherever they are. Of a handover that
    was cancelled nothing is shown but that.
    """
    place = judged.place
    cancel = judged.commanded.cancel()
    if cancel is not None:
        return (_commanded(judged, CANCELLED, cancel),)
    shown = [fault.finding for fault in judged.faults if fault.place <= place or fault.finding.is_alarm]
    shown += _skipped(judged, place)
    shown += disordered_findings(judged)
    shown += early_findings(judged)
    shown += loss_findings(judged, lost)
    shown += limit_findings(judged, timing, acting)
    if judged.issue.state == "closed" and judged.stage is not None:
        shown.append(_closed_early(judged))
    hold = judged.commanded.hold(judged.now)
    shown += [_commanded(judged, "on-hold", hold)] if hold is not None and judged.stage is not None else []
    shown += _waived(judged)
    shown += [_refused(refusal) for refusal in judged.commanded.refused]
    return tuple(shown)


def command_answers(judged: Judged) -> tuple[Finding, ...]:
    """Return what to answer to the commands that count: to who gave it, and to the manager where it is not theirs.

    A sign-off that does not count is told as what is wrong with it.
    """
    found = list(_sign_off_answers(judged))
    clocks = [each for each in judged.commanded.given if each.kind in ("hold", "resume", "cancel")]
    for command in judged.commanded.given:
        # Of what stops and starts the clocks only the last is still true.
        if command.kind == "sign-off" or (command in clocks and command != clocks[-1]):
            continue
        about = ".".join(filter(None, (command.kind, command.code)))
        others = judged.cast.managers() if command.kind in ("hold", "resume") else ()
        people = tuple(dict.fromkeys((command.by, *others)))
        facts = _command_facts(judged, command)
        finding = Finding("answer", f"answer.{command.kind}", facts, about=about, people=people, cause=command.note_id)
        found.append(finding)
    return tuple(found)


def _sign_off_answers(judged: Judged) -> Iterator[Finding]:
    """Yield one answer for each comment that signs off boxes, naming those that count."""
    given: dict[int, list[Command]] = {}
    for command in judged.commanded.given:
        proof = judged.proofs.get(command.code)
        is_last = proof is not None and proof.edit is not None and proof.edit.note_id == command.note_id
        if command.kind == "sign-off" and is_last and proof is not None and not proof.trouble:
            given.setdefault(command.note_id, []).append(command)
    for note_id, commands in given.items():
        boxes = [f"**{each.code}** ({judged.process.items[each.code].title})" for each in commands]
        codes = [f"**{each.code}**" for each in commands]
        named = boxes[0] if len(boxes) == 1 else f"{', '.join(codes[:-1])} and {codes[-1]}"
        facts = {"boxes": named, "count": len(boxes)}
        people = (commands[0].by,)
        yield Finding("answer", "answer.sign-off", facts, about="sign-off", people=people, cause=note_id)


def summons(judged: Judged, timing: Timing, acting: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """Yield a call for whoever must act by now and did not when the stage opened: a deputy, or who is back again."""
    stage, opening = judged.stage, timing.opening
    if stage is None or opening is None or judged.issue.state == "closed":
        return
    yield from _first_signers(judged)
    then = replace(judged.cast, now=max(opening.at, judged.issue.created_at))
    for role, people in acting.items():
        for name in people:
            if name in then.people(role) or name in judged.cast.any_holder.get(role, ()):
                continue
            absent = judged.cast.stands_in_for(name, (role,), judged.now)
            facts = {"stage": stage.title, "by": quote(absent) if absent else "", "roles": (role,)}
            about = f"{stage.key}.{name.casefold()}"
            yield Finding("stand-in", "stand-in", facts, about=about, people=(name,), cause=opening.note_id)


def _first_signers(judged: Judged) -> Iterator[Finding]:
    """Yield a call for whoever must sign in the first stage, once all its lines are filled in: no turn calls them."""
    faults = [fault for fault in judged.faults if fault.place == judged.place]
    if judged.place or not all(fault.is_box for fault in faults):
        return
    author = judged.issue.author.username
    for item in (judged.process.items[fault.finding.item] for fault in faults):
        can_wait = judged.cast.may_sign(author, item.signed_by, judged.now)
        for role in item.signed_by if not can_wait else ():
            for name in judged.cast.named.get(role, ()):
                acting = judged.cast.stand_in(role, name, judged.now) or name
                facts = {"code": item.code, "title": item.title, "roles": (role,)}
                about = f"{item.code}.{acting.casefold()}"
                yield Finding("stand-in", "stand-in.signer", facts, about=about, people=(acting,))


def stand_ins(judged: Judged) -> Mapping[str, str]:
    """Return the deputies who act now, with whom they stand in for."""
    cast = judged.cast
    pairs = ((cast.stand_in(role, name, judged.now), name) for role, people in cast.named.items() for name in people)
    return {deputy: name for deputy, name in pairs if deputy}


def acting_people(judged: Judged) -> Mapping[str, tuple[str, ...]]:
    """Return the roles that must act for the current stage and who holds them, in the order of the findings."""
    stage = judged.stage
    if stage is None:
        return {}
    roles = [role for fault in judged.faults if fault.place == judged.place for role in fault.finding.roles]
    acting = {
        role: _who_has_begun(judged, role) or judged.cast.people(role)
        for role in dict.fromkeys(roles or stage.responsible)
    }
    if not any(acting.values()):
        return acting
    # Of several who may do it, whoever need not be named and is not waits for nobody.
    missed = {judged.process.fields[key].role for key in _missed_fields(judged)}
    return {role: people for role, people in acting.items() if people or role in missed or _must_be_named(judged, role)}


def _missed_fields(judged: Judged) -> Iterator[str]:
    yield from (fault.finding.field for fault in judged.faults if fault.finding.field in judged.process.fields)


def _must_be_named(judged: Judged, role: str) -> bool:
    """Tell whether every issue of the process names somebody for *role*, or nobody else could do what it has to do."""
    sections = judged.process.schema["properties"]
    field = next((each for each in judged.process.fields.values() if each.role == role), None)
    if field is None or field.key in sections[field.section].get("required", ()):
        return True
    return any(fault.finding.roles == (role,) for fault in judged.faults if fault.place == judged.place)


def _who_has_begun(judged: Judged, role: str) -> tuple[str, ...]:
    """Return who of a pool, of which nobody is named, has signed for *role* in an earlier stage: they go on with it."""
    holders = {name.casefold(): name for name in judged.cast.any_holder.get(role, ())}
    if judged.cast.named.get(role):
        return ()
    signers = (
        proof.edit.author.username.casefold()
        for code, proof in judged.proofs.items()
        if proof.edit is not None
        and not proof.trouble
        and role in judged.process.items[code].signed_by
        and judged.process.stage_of(judged.process.items[code].section) < judged.place
    )
    return tuple(dict.fromkeys(holders[each] for each in signers if each in holders))


def people_by_role(judged: Judged) -> Mapping[str, tuple[str, ...]]:
    """Return everybody known, for every role that the process names."""
    return {role: _who_has_begun(judged, role) or judged.cast.people(role) for role in _roles(judged.process)}


def pools(judged: Judged) -> frozenset[str]:
    """Return the roles of which nobody is named and nobody has taken the work on: whoever holds them may act."""
    unnamed = (role for role in judged.cast.any_holder if not judged.cast.named.get(role))
    return frozenset(role for role in unnamed if not _who_has_begun(judged, role))


def _roles(process: Process) -> list[str]:
    named = [role for stage in process.stages for role in (*stage.responsible, *stage.accountable, *stage.informed)]
    named.append(MANAGER)
    return list(dict.fromkeys([*named, *(field.role for field in process.fields.values() if field.role)]))


def _skipped(judged: Judged, place: int) -> Iterator[Finding]:
    """Yield the boxes of later stages that were ticked before the gates in front of them were passed."""
    if place >= len(judged.process.stages):
        return
    for code, item in judged.process.items.items():
        proof = judged.proofs.get(code)
        later = judged.process.stage_of(item.section)
        is_work = not (item.is_advisory or item.is_forbidden or code in judged.case.unasked)
        if proof is not None and later > place and proof.is_skipped and is_work:
            facts = {
                "by": quote(proof.edit.author.username) if proof.edit else "",
                "earlier": judged.process.stages[place].title,
            }
            yield box_finding(
                "gate-skipped",
                item,
                judged.process.stages[place],
                judged.document,
                facts=facts,
                roles=judged.process.stages[place].responsible,
                cause=proof.edit.note_id if proof.edit else 0,
            )


def _closed_early(judged: Judged) -> Finding:
    stage = judged.process.stages[judged.place]
    closed_at = judged.issue.closed_at
    return Finding(
        "closed-early",
        "closed-early",
        {"stage": stage.title},
        roles=judged.process.stages[0].responsible,
        source=judged.process.stages[-1].source,
        cause=int(closed_at.timestamp()) if closed_at else 0,
    )


def _waived(judged: Judged) -> Iterator[Finding]:
    """Yield the boxes that are waived now, and those whose waiver has ended while they are still open."""
    waivers = judged.commanded.waivers(judged.process)
    latest = {each.code: each for each in waivers if each.code not in judged.case.unasked}
    for waiver in latest.values():
        item = judged.process.items[waiver.code]
        state = judged.document.state_of(item)
        stage = judged.process.stages[judged.process.stage_of(item.section)]
        facts = _command_facts(judged, waiver)
        if state == "waived":
            yield box_finding("waived", item, stage, judged.document, facts=facts, cause=waiver.note_id, is_alarm=False)
        elif state == "open" and judged.stage is not None:
            yield box_finding(
                "command-invalid",
                item,
                stage,
                judged.document,
                words="command-invalid.expired",
                facts=facts,
                people=(waiver.by,),
                cause=waiver.note_id,
            )


def _commanded(judged: Judged, code: str, command: Command) -> Finding:
    facts = _command_facts(judged, command)
    return Finding(code, code, facts, roles=(MANAGER,), cause=command.note_id, is_alarm=False)


def _command_facts(judged: Judged, command: Command) -> Mapping[str, str]:
    item = judged.process.items.get(command.code)
    ends_at = command.ends_at
    until = ""
    if ends_at is not None:
        zone = judged.cast.calendars.of(command.by).zone
        day = ends_at.astimezone(zone).date()
        until = say_day(day - timedelta(days=1) if command.kind == "waive" else day)
    return {
        "by": quote(command.by),
        "reason": quote(command.reason),
        "until": until,
        "code": command.code,
        "title": item.title if item else "",
    }


def _refused(refusal: Refusal) -> Finding:
    author, asked = refusal.note.author.username, refusal.asked
    facts = {
        "asked": quote(asked.line),
        "example": refusal.example,
        "roles": refusal.roles,
        "code": asked.code,
        "author": quote(author),
    }
    return Finding(
        "command-invalid",
        f"command-invalid.{refusal.why}",
        facts,
        about=".".join(filter(None, (asked.kind, asked.code))),
        people=(author,),
        cause=refusal.note.id,
    )
