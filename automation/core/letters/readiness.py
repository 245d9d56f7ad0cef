"""Is a letter ready to be sent? Only when its stage is reached, its sign-offs are proven and its text is right."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from automation.core.judged import Judged
from automation.core.letters.book import Book, LengthyLetterError, MissingValuesError
from automation.core.letters.lint import Complaint, judge_rendered
from automation.core.letters.model import Letter, LetterState
from automation.core.letters.values import Values, issue_values
from automation.core.model import CANCELLED, Finding, Verdict
from automation.core.validity import box_finding


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
    letters = book.of_process(judged.process.id)
    values = issue_values(judged.process, judged.document, named_people(judged, names)) if letters else None
    return tuple(
        judge_readiness(book, letter, judged, verdict, values, hosts)
        for letter in letters
        if values is not None
        and letter.stage == verdict.stage
        and letter.audience == "customer"
        and not _is_sent(letter, judged)
        and _is_meant(letter.when, values)
    )


def judge_readiness(
    book: Book, letter: Letter, judged: Judged, verdict: Verdict, values: Values, hosts: Collection[str]
) -> LetterState:
    """Judge one letter of the handover's process: what it waits for, and its text where that can be filled in."""
    try:
        rendered = book.fill_in(letter, values)
        spoiled = [_complain(each) for each in judge_rendered(letter, rendered, values, hosts)]
    except MissingValuesError as error:
        rendered, spoiled = None, [_blank(judged, name) for name in error.names]
    except LengthyLetterError:
        rendered, spoiled = None, [Finding("letter", "letter.too-long", is_alarm=False)]
    boxes = tuple(_open_boxes(letter, judged))
    waits = (
        *_wrong_time(letter, judged, verdict, values),
        *boxes,
        *_invalid_facts(book.names_in(letter), judged),
        *spoiled,
    )
    cause = _cause(letter, judged)
    open_boxes = tuple(each.item for each in boxes)
    return LetterState(letter, values, waits, open_boxes, rendered, cause, judged.time_of(cause))


def named_people(judged: Judged, names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the full names of those whom the issue names for each role, their usernames where GitLab shows none."""
    return {
        role: tuple(names.get(each.casefold()) or each for each in people)
        for role, people in judged.cast.named.items()
        if people
    }


def _is_sent(letter: Letter, judged: Judged) -> bool:
    """Tell whether the issue says that the letter is sent: by its date, or by the boxes that follow."""
    wanted = judged.process.fields.get(letter.sent_on)
    if wanted is not None and judged.document.value_of(wanted) is not None:
        return True
    states = [judged.document.state_of(judged.process.items[code]) for code in letter.ticks]
    return bool(states) and all(state not in ("open", None) for state in states)


def _is_meant(when: Mapping[str, Sequence[str]], values: Values) -> bool:
    return all(values.facts.get(key) in wanted for key, wanted in when.items())


def _wrong_time(letter: Letter, judged: Judged, verdict: Verdict, values: Values) -> Iterator[Finding]:
    """Yield why the letter does not belong into a handover that stands where this one does."""
    stages = [stage.key for stage in judged.process.stages]
    wanted = judged.process.stages[stages.index(letter.stage)]
    if verdict.stage == CANCELLED:
        yield Finding("letter", "letter.cancelled", is_alarm=False)
    elif verdict.hold is not None:
        yield Finding("letter", "letter.held", is_alarm=False)
    elif judged.place < stages.index(letter.stage):
        facts = {"stage": wanted.title, "wanted": judged.process.stages[judged.place].title}
        yield Finding("letter", "letter.stage", facts, is_alarm=False)
    if not _is_meant(letter.when, values):
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


def _invalid_facts(names: frozenset[str], judged: Judged) -> Iterator[Finding]:
    """Yield what is wrong with facts that the letter speaks of; blank ones it finds itself."""
    for fault in judged.faults:
        finding = fault.finding
        if finding.field in names and not finding.words.startswith("field-blank") and not fault.is_box:
            yield finding


def _blank(judged: Judged, name: str) -> Finding:
    """Say that a fact or a person is missing, and where to write it."""
    fields = judged.process.fields
    wanted = fields.get(name) or next(each for each in fields.values() if each.role == name)
    line = judged.document.lines.get(wanted.key, 0)
    words = "letter.role" if wanted.role else "field-blank.list" if wanted.kind == "list" else "field-blank"
    facts = {"label": wanted.title, "hint": wanted.hint}
    return Finding("letter", words, facts, field=wanted.key, line=line, is_alarm=False)


def _complain(complaint: Complaint) -> Finding:
    return Finding("letter", "letter.complaint", {"value": complaint.message}, source=complaint.source, is_alarm=False)


def _cause(letter: Letter, judged: Judged) -> int:
    """Return the note by which the letter became ready: the last signature, or what opened its stage."""
    place = [stage.key for stage in judged.process.stages].index(letter.stage)
    opened = judged.replayed.passed_at.get(judged.stage_before(place).key, 0) if place else 0
    edits = (judged.proofs[code].edit for code in letter.signed if code in judged.proofs)
    return max([opened, *(edit.note_id for edit in edits if edit is not None)])
