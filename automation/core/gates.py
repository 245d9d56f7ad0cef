"""Judge an issue: Document + Proofs + Process + people + memory + now -> Verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from automation.core.activities import settle_roles
from automation.core.checklist import Sheet, build_document
from automation.core.commands import judge_commands
from automation.core.judged import Judged
from automation.core.limits import escalations, judge_timing
from automation.core.losses import lost_things
from automation.core.model import (
    CANCELLED,
    COMPLETE,
    Document,
    Edit,
    Finding,
    Issue,
    Item,
    Note,
    Process,
    Stage,
    User,
    Verdict,
)
from automation.core.outlook import (
    acting_people,
    command_answers,
    people_by_role,
    pools,
    stand_ins,
    summons,
    visible_findings,
)
from automation.core.overlay import build_overlay
from automation.core.people import Directory, build_cast
from automation.core.proof import parse_edits
from automation.core.remembered import Command, Memory
from automation.core.remembering import remember
from automation.core.replay import Case, Proof, answering_item, replay
from automation.core.silence import judge_silence
from automation.core.staleness import digest_sections, is_stale
from automation.core.validity import Fault, box_finding, judge_document, unasked_boxes
from automation.core.words import quote, says_title

_CLOCK_SLACK = timedelta(seconds=2)


def conclude(judged: Judged, directory: Directory) -> Verdict:
    """Conclude from a review where the handover stands, what is wrong, who must act and by when.

    A gate is passed only when the schema accepts its part of the document, every sign-off in it is proven, and nobody
    has sent it back; the stage is the first whose gate is not. A handover that the manager cancelled is at no stage any
    more.
    """
    process, now = judged.process, judged.now
    timing, lost = judge_timing(judged), lost_things(judged)
    acting = acting_people(judged)
    remembered = remember(judged, timing, lost)
    stage = judged.stage
    verdict = Verdict(
        process=process,
        stage=stage.key if stage else COMPLETE,
        label=stage.label if stage else process.complete_label,
        findings=visible_findings(judged, timing, lost, acting),
        boxes={code: judged.document.state_of(item) for code, item in process.items.items()},
        acting=acting,
        people=people_by_role(judged),
        edit_id=judged.edit_id,
        memory=remembered,
        limit=timing.limit,
        whole=timing.whole,
        hold=judged.commanded.hold(now),
        answers=command_answers(judged),
        escalations=(*escalations(judged, timing, acting), *summons(judged, timing, acting)),
        stand_ins=stand_ins(judged),
        managers=judged.cast.managers(),
        assignee=_first_account(acting, directory),
        idle=judged.idle,
        finished=_just_finished(judged, remembered),
        changed_by=_changed_by(judged, remembered),
        pools=pools(judged),
    )
    if judged.commanded.cancel() is None:
        return verdict
    return replace(
        verdict,
        stage=CANCELLED,
        label=process.cancelled_label,
        acting={},
        limit=None,
        whole=None,
        hold=None,
        escalations=(),
        assignee=None,
    )


def _changed_by(judged: Judged, remembered: Memory) -> int:
    """Return the change of the text after which the current stage, passed before, has something to do again."""
    again = remembered.reopened.get(judged.stage.key) if judged.stage else None
    texts = (edit.note_id for edit in judged.case.edits if not edit.code)
    return again.note_id if again is not None and again.note_id in texts else 0


def _just_finished(judged: Judged, remembered: Memory) -> frozenset[str]:
    """Return the stages that were finished since the last run, or by the event that opened the current one."""
    old = judged.case.memory.gates if judged.case.memory is not None else {}
    gates = remembered.gates
    before = judged.process.stages[: judged.place]
    last = gates.get(before[-1].key) if before else None
    return frozenset(
        each.key
        for each in before
        if each.key in gates
        and each.key not in judged.idle
        and (gates[each.key] == last or (judged.case.memory is not None and old.get(each.key) != gates[each.key]))
    )


def _first_account(acting: Mapping[str, Sequence[str]], directory: Directory) -> User | None:
    """Return the account of the first person who must act."""
    for people in acting.values():
        for name in people:
            member = directory.members.get(name.casefold())
            if member is not None and member.id:
                return User(member.id, member.username)
    return None


def review_issue(
    issue: Issue,
    sheet: Sheet,
    notes: Sequence[Note],
    process: Process,
    directory: Directory,
    memory: Memory | None,
    now: datetime,
) -> Judged:
    """Review all that is known of an issue that follows *process*: text, notes, commands, what follows from them.

    *notes* are all notes up to *now*, oldest first.
    """
    text = build_document(sheet, process)
    process = settle_roles(process, text)
    cast = build_cast(process, text, directory, now)
    # What was done before the issue was created was done in another one, of which it is a copy.
    edits = tuple(edit for edit in parse_edits(notes) if edit.at >= issue.created_at - _CLOCK_SLACK)
    here = [note for note in notes if note.created_at >= issue.created_at - _CLOCK_SLACK]
    commanded = judge_commands(here, process, cast, memory)
    sign_offs, waivers = commanded.sign_offs(process), commanded.waivers(process)
    document = build_overlay(text, process, edits, sign_offs, _in_force(process, waivers, memory), now)
    created_on = cast.calendars.day_of("", issue.created_at)
    unasked = unasked_boxes(process, document)
    found = (*judge_document(process, document, directory, unasked), *judge_silence(process, document, created_on))
    late = tuple(fault for fault in found if fault.is_role and fault.place < len(memory.gates if memory else ()))
    faults = tuple(fault for fault in found if fault not in late)
    named_before = _named_before(process, memory)
    case = Case(
        process=process,
        text=text,
        document=document,
        edits=edits,
        sign_offs=sign_offs,
        waivers=waivers,
        sent_back=commanded.sent_back,
        memory=memory,
        is_sound={
            stage.key: not any(fault.place == place and not fault.is_box for fault in faults)
            for place, stage in enumerate(process.stages)
        },
        needed={stage.key: _needed(document, process, stage, faults) - unasked for stage in process.stages},
        unasked=unasked,
        may_sign=cast.may_sign,
        is_facing=cast.is_facing,
        was_holder=lambda username, roles: cast.was_holder(username, roles, named_before),
    )
    replayed = replay(case)
    digests = digest_sections(process, document, {each.code for each in waivers})
    proofs = {code: _with_staleness(case, code, proof, digests) for code, proof in replayed.proofs.items()}
    edit_id = max((edit.note_id for edit in edits), default=0)
    judged = Judged(issue, case, cast, replayed, proofs, digests, faults, commanded, edit_id, now)
    all_faults = (*faults, *_sign_off_faults(judged), *_return_faults(judged))
    return replace(judged, faults=_in_order((*all_faults, *_moved_to_now(process, late, all_faults))))


def _named_before(process: Process, memory: Memory | None) -> Mapping[str, Sequence[str]]:
    """Return whom the issue named for each role at the last run; a role whose line was blank then named nobody."""
    if memory is None:
        return {}
    filled = {process.fields[key].role for key in memory.filled if key in process.fields}
    return {role: names for role, names in memory.people.items() if role in filled}


def _in_force(process: Process, waivers: Sequence[Command], memory: Memory | None) -> Sequence[Command]:
    """Return the waivers as they count: once the handover is complete, none of them ends any more."""
    # Where the state block is lost, our own call to close the issue tells.
    is_complete = memory is not None and (
        process.stages[-1].key in memory.gates or any(key.startswith("close:") for key in memory.told)
    )
    return [replace(each, ends_at=None) for each in waivers] if is_complete else waivers


def _moved_to_now(process: Process, late: Sequence[Fault], others: Sequence[Fault]) -> Iterable[Fault]:
    """Yield trouble with people whose gate is still passed as trouble of the stage that has been reached.

    Who leaves later takes no passed gate back, and a complete handover stays complete. Where that gate is shut again
    for another reason, the trouble is its own, as it is at the next run.
    """
    reached = min((fault.place for fault in others), default=len(process.stages))
    for fault in late if reached < len(process.stages) else ():
        is_passed = fault.place < reached
        yield replace(fault, place=reached, finding=replace(fault.finding, is_alarm=True)) if is_passed else fault


def _in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Sort by stage, then by line; what is missing from the text comes last."""
    return tuple(sorted(faults, key=lambda fault: (fault.place, fault.finding.line == 0, fault.finding.line)))


def _needed(document: Document, process: Process, stage: Stage, faults: Iterable[Fault]) -> frozenset[str]:
    """Return the boxes that the gate asks for: those ticked, and those that the schema misses."""
    missing = {fault.finding.item for fault in faults if fault.is_box}
    boxes = (item for item in process.items.values() if item.section in stage.sections)
    return frozenset(
        item.code
        for item in boxes
        if not item.is_advisory
        and not item.is_forbidden
        and (item.code in missing or document.state_of(item) not in (None, "open"))
    )


def _with_staleness(case: Case, code: str, proof: Proof, digests: Mapping[str, str]) -> Proof:
    item = case.process.items[code]
    if not item.signed_by or proof.trouble or not is_stale(case, item, proof, digests):
        return proof
    newest = max((edit.note_id for edit in case.edits), default=0)
    return replace(proof, trouble="sign-off-stale", voided_by=newest)


# --- faults that the notes show ---------------------------------------------------------------------------------------


def _sign_off_faults(judged: Judged) -> Iterable[Fault]:
    for code, item in judged.process.items.items():
        proof = judged.proofs.get(code)
        if proof is None or not item.signed_by or item.is_advisory or code in judged.case.unasked:
            continue
        place = judged.process.stage_of(item.section)
        if proof.trouble:
            yield Fault(place, _sign_off_finding(judged, item, proof, place))
        elif not _still_says_title(judged, item):
            yield Fault(place, _sign_off_finding(judged, item, replace(proof, trouble="words-changed"), place))


def _still_says_title(judged: Judged, item: Item) -> bool:
    return says_title(judged.document.words.get(item.code, ""), item.title)


def _sign_off_finding(judged: Judged, item: Item, proof: Proof, place: int) -> Finding:
    edit = proof.edit
    back = next((each for each in judged.case.sent_back if each.note_id == proof.voided_by), None)
    cause = edit.note_id if edit else 0
    facts = {
        "signer": quote(edit.author.username) if edit else "",
        "words": quote(judged.document.words.get(item.code, "")),
        "waits_for": quote(_deputy_of(judged, item, edit)) if edit else "",
        "earlier": judged.stage_before(place).title,
    }
    return box_finding(
        proof.trouble,
        item,
        judged.process.stages[place],
        judged.document,
        words=_sign_off_words(judged, item, proof, back is not None),
        facts=facts,
        cause=cause,
        # Nobody was named yet: that is told as something of its own, and looked at again when somebody is.
        about="nobody" if _sign_off_words(judged, item, proof, back is not None) == "signer-wrong.nobody" else "",
        # After a return the next "it is your turn" says the same; and who is mending it knows.
        is_alarm=back is None and not (proof.trouble == "sign-off-stale" and item.section in judged.replayed.awaited),
    )


def _sign_off_words(judged: Judged, item: Item, proof: Proof, is_sent_back: bool) -> str:
    if proof.trouble == "sign-off-stale" and is_sent_back:
        return "sign-off-stale.sent-back"
    if proof.trouble == "signer-wrong" and not any(judged.cast.people(role) for role in item.signed_by):
        return "signer-wrong.nobody"
    edit = proof.edit
    if proof.trouble == "signer-wrong" and edit and judged.cast.may_sign(edit.author.username, item.signed_by, edit.at):
        has_signed = any(
            other.edit is not None and other.edit.author.id == edit.author.id
            for code, other in judged.proofs.items()
            if judged.cast.is_facing(judged.process.items[code].signed_by, item.signed_by)
        )
        return "signer-wrong.both-sides" if has_signed else "signer-wrong.since"
    if proof.trouble == "signer-wrong" and proof.edit and _deputy_of(judged, item, proof.edit):
        return "signer-wrong.deputy"
    return proof.trouble


def _deputy_of(judged: Judged, item: Item, edit: Edit) -> str:
    """Return whom the person who ticked stands in for at other times than at that of the tick, "" for nobody."""
    signer = edit.author.username.casefold()
    people = (name for role in item.signed_by for name in judged.cast.named.get(role, ()))
    away = judged.cast.calendars.away
    return next(
        (name for name in people if signer in (each.deputy.casefold() for each in away.get(name.casefold(), ()))), ""
    )


def _return_faults(judged: Judged) -> Iterable[Fault]:
    for stage_key, back in judged.replayed.awaited.items():
        place = next(place for place, stage in enumerate(judged.process.stages) if stage.key == stage_key)
        item = answering_item(judged.process, stage_key)
        facts = {"by": quote(back.by), "reason": quote(back.reason)}
        stage = judged.process.stages[place]
        finding = box_finding(
            "sent-back", item, stage, judged.document, facts=facts, roles=stage.responsible, cause=back.note_id
        )
        yield Fault(place, finding)
