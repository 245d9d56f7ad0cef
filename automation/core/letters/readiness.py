"""Is a letter ready to be sent? Only when its stage is reached, its sign-offs are proven and its text is right."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from automation.core.judged import Judged
from automation.core.letters.book import Book, LengthyLetterError, MissingValuesError
from automation.core.letters.lint import Complaint, applies, judge_rendered
from automation.core.letters.model import CONTACTS, Letter, LetterState
from automation.core.letters.values import Values, issue_values
from automation.core.memory import digest
from automation.core.model import CANCELLED, Finding, Note, Verdict
from automation.core.validity import box_finding
from automation.core.words import quote


def offered_letters(
    book: Book, judged: Judged | None, verdict: Verdict, names: Mapping[str, str], hosts: Collection[str]
) -> tuple[LetterState, ...]:
    """Return the letters to the customer that belong to the stage of a handover, with what each still waits for.

    *names* are the full names of people by username, case-folded, *hosts* those that letters may link to. A letter that
    was sent, or is not meant for this handover, is left out; so are all where the handover is on hold, closed or cannot
    be read.
    """
    if judged is None or verdict.hold is not None or judged.issue.state != "opened":
        return ()
    letters = book.fitting(judged.process)
    values = issue_values(judged.process, judged.document, named_people(judged, names)) if letters else None
    return tuple(
        judge_readiness(book, letter, judged, verdict, values, hosts)
        for letter in letters
        if values is not None
        and letter.stage == verdict.stage
        and letter.audience == "customer"
        and not _is_sent(letter, judged)
        and applies(letter.when, values.facts)
    )


def judge_readiness(
    book: Book, letter: Letter, judged: Judged, verdict: Verdict, values: Values, hosts: Collection[str]
) -> LetterState:
    """Judge one letter of the handover's process: what it waits for, and its text where that can be filled in."""
    try:
        rendered = book.fill_in(letter, values)
        spoiled = [_complain(each, judged, values) for each in judge_rendered(letter, rendered, values, hosts)]
    except MissingValuesError as error:
        rendered, spoiled = None, [_blank(judged, name) for name in error.names]
    except LengthyLetterError:
        rendered, spoiled = None, [Finding("letter", "letter.too-long", is_alarm=False)]
    boxes = tuple(_open_boxes(letter, judged))
    used = book.names_in(letter)
    waits = (*_wrong_time(letter, judged, verdict, values), *boxes, *_facts(letter, used, judged), *spoiled)
    cause = _cause(letter, judged)
    return LetterState(
        letter=letter,
        values=values,
        waits=tuple({_subject(each): each for each in reversed(waits)}.values())[::-1],
        open_boxes=tuple(each.item for each in boxes),
        rendered=rendered,
        cause=cause,
        ready_at=judged.time_of(cause),
        facts=digest([_spoken_of(used, values), contacts_of(judged)]),
    )


def _spoken_of(used: frozenset[str], values: Values) -> list[tuple[str, str]]:
    """Return the facts and people that a letter speaks of, as texts."""
    known = {**values.facts, **values.people}
    return [(name, str(known[name])) for name in sorted(used & set(known))]


def after_offers(state: LetterState, pings: Iterable[tuple[Note, tuple[str, ...]]]) -> LetterState:
    """Tell a letter of the comment that offered it last: the same one, or one that the next has to replace."""
    last = next(
        ((note.id, key) for note, keys in reversed(tuple(pings)) for key in keys if key.startswith(state.start)), None
    )
    if last is None:
        return state
    note_id, key = last
    facts, _, cause = key.removeprefix(state.start).partition(":")
    digest_of_facts, _, again = facts.partition(".")
    if (digest_of_facts, cause) == (state.facts[:10], str(state.cause)):
        return replace(state, again=int(again) if again.isdecimal() else 0)
    return replace(state, again=note_id)


def contacts_of(judged: Judged) -> str:
    """Return what the issue says of the people at the customer, "" where it says nothing."""
    wanted = judged.process.fields.get(CONTACTS)
    return str((judged.document.value_of(wanted) if wanted is not None else None) or "")


def _subject(wait: Finding) -> tuple[str, str, str]:
    """Return what a wait is about: of two for one line, the first is enough."""
    return (wait.item, wait.field, "" if wait.item or wait.field else str(wait.facts.get("value", wait.words)))


def named_people(judged: Judged, names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the full names of those whom the issue names for each role, their usernames where GitLab shows none."""
    return {
        role: tuple(names.get(each.casefold()) or each for each in people)
        for role, people in judged.cast.named.items()
        if people
    }


def _is_sent(letter: Letter, judged: Judged) -> bool:
    """Tell whether the issue says that the letter is sent: by its date, or by the boxes that follow."""
    if date_of(judged, letter.sent_on) is not None:
        return True
    states = [judged.document.state_of(judged.process.items[code]) for code in letter.ticks]
    return bool(states) and all(state not in ("open", None) for state in states)


def _wrong_time(letter: Letter, judged: Judged, verdict: Verdict, values: Values) -> Iterator[Finding]:
    """Yield why the letter does not belong into a handover that stands where this one does."""
    stages = [stage.key for stage in judged.process.stages]
    wanted = judged.process.stages[stages.index(letter.stage)]
    if verdict.stage == CANCELLED:
        yield Finding("letter", "letter.cancelled", is_alarm=False)
    elif judged.issue.state != "opened":
        yield Finding("letter", "letter.closed", is_alarm=False)
    elif verdict.hold is not None:
        yield Finding("letter", "letter.held", is_alarm=False)
    elif judged.place < stages.index(letter.stage):
        facts = {"stage": wanted.title, "wanted": judged.process.stages[judged.place].title}
        yield Finding("letter", "letter.stage", facts, is_alarm=False)
    if not applies(letter.when, values.facts):
        meant = "; ".join(
            f"{judged.process.fields[key].title}: {' or '.join(wanted)}" for key, wanted in letter.when.items()
        )
        yield Finding("letter", "letter.not-meant", {"wanted": meant}, is_alarm=False)


def _open_boxes(letter: Letter, judged: Judged) -> Iterator[Finding]:
    """Yield the boxes that must come before the letter and do not count yet."""
    for code in letter.signed:
        item = judged.process.items[code]
        state, proof = judged.document.state_of(item), judged.proofs.get(code)
        if state == "waived":
            continue
        stage = judged.process.stages[judged.process.stage_of(item.section)]
        if state != "done":
            yield box_finding("item-open", item, stage, judged.document, is_alarm=False)
        elif item.signed_by and (proof is None or proof.edit is None or proof.trouble):
            yield box_finding("letter", item, stage, judged.document, words="letter.signature", is_alarm=False)
        elif item.signed_by and proof is not None and proof.edit is not None:
            by, at = proof.edit.author.username, proof.edit.at
            if not judged.cast.may_sign(by, item.signed_by, at):
                yield box_finding(
                    "letter",
                    item,
                    stage,
                    judged.document,
                    words="letter.other-signer",
                    facts={"signer": quote(by)},
                    is_alarm=False,
                )


def _facts(letter: Letter, used: frozenset[str], judged: Judged) -> Iterator[Finding]:
    """Yield what is wrong with facts that the letter speaks of or that were signed for it.

    Blank ones that it speaks of it finds itself.
    """
    signed = {key for code in letter.signed for key in judged.process.items[code].needs}
    if letter.agreed_on:
        signed.add(letter.agreed_on)
    fields = judged.process.fields
    for key in sorted(signed & set(fields)):
        if judged.document.value_of(fields[key]) is None:
            yield _blank(judged, key)
        elif fields[key].kind == "date" and date_of(judged, key) is None:
            yield _invalid_date(judged, key)
    for fault in judged.faults:
        finding = fault.finding
        if finding.field in used | signed and not finding.words.startswith("field-blank") and not fault.is_box:
            yield finding


def date_of(judged: Judged, key: str) -> date | None:
    """Return the day that stands in a field, None where none does."""
    wanted = judged.process.fields.get(key)
    value = judged.document.value_of(wanted) if wanted is not None else None
    try:
        return date.fromisoformat(str(value)) if value is not None else None
    except ValueError:
        return None


def _invalid_date(judged: Judged, key: str) -> Finding:
    wanted = judged.process.fields[key]
    facts = {"label": wanted.title, "value": quote(judged.document.value_of(wanted))}
    line = judged.document.lines.get(key, 0)
    return Finding("letter", "field-invalid.date", facts, field=key, line=line, is_alarm=False)


def _blank(judged: Judged, name: str) -> Finding:
    """Say that a fact or a person is missing, and where to write it."""
    fields = judged.process.fields
    wanted = fields.get(name) or next(each for each in fields.values() if each.role == name)
    line = judged.document.lines.get(wanted.key, 0)
    words = "letter.role" if wanted.role else "field-blank.list" if wanted.kind == "list" else "field-blank"
    facts = {"label": wanted.title, "hint": wanted.hint}
    return Finding("letter", words, facts, field=wanted.key, line=line, is_alarm=False)


def _complain(complaint: Complaint, judged: Judged, values: Values) -> Finding:
    """Say what is wrong with the words, and in which line of the issue they stand, as far as that is clear."""
    key = next((key for key, value in values.facts.items() if _comes_from(complaint.said, value)), "")
    wanted = judged.process.fields.get(key)
    facts = {"value": complaint.message, "label": wanted.title if wanted is not None else ""}
    line = judged.document.lines.get(key, 0)
    return Finding("letter", "letter.complaint", facts, line=line, source=complaint.source, is_alarm=False)


def _comes_from(said: str, value: str | tuple[str, ...]) -> bool:
    """Tell whether a sentence, link or placeholder of a letter is mainly what somebody typed as one fact."""
    texts = [" ".join(each.casefold().split()) for each in ((value,) if isinstance(value, str) else value)]
    said = " ".join(said.casefold().split()).rstrip(".!?")
    return bool(said) and any(said in each or (each in said and 2 * len(each) > len(said)) for each in texts if each)


def _cause(letter: Letter, judged: Judged) -> int:
    """Return the note by which the letter became ready: the last signature, or what opened its stage."""
    place = [stage.key for stage in judged.process.stages].index(letter.stage)
    opened = judged.replayed.passed_at.get(judged.stage_before(place).key, 0) if place else 0
    edits = (judged.proofs[code].edit for code in letter.signed if code in judged.proofs)
    return max([opened, *(edit.note_id for edit in edits if edit is not None)])
