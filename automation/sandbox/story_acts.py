"""The stories that the demo plays: what people do in eight handovers, most of them not as they should.

Boxes are found by what the schema says of them, never by code, so that the stories survive a change of the process.
No story knows what the bot will say; each holds its point against what the triage found, and fails if it is not true.
"""

from __future__ import annotations

import re
from itertools import groupby

from automation.core.model import COMPLETE, Item, Stage
from automation.sandbox.sample import PROJECT
from automation.sandbox.story import Outline, Story
from automation.sandbox.story_values import Moment, Script, UntellableError

_STAGE_DAYS = (4, 6, 8, 11, 14, 19)
_LAST_DAY = 19
_COPIED_LINE = re.compile(r"`(?P<line>- \[ \] [^`]+)`")


def _play_well(story: Story) -> Script:
    """Go through every stage. Each person comes at a time of his own, and the triage runs in between."""
    yield Moment(1, 9)
    story.create(is_told=True)
    for place, stage in enumerate(story.process.stages):
        day = _STAGE_DAYS[min(place, len(_STAGE_DAYS) - 1)]
        yield Moment(day, 9)
        story.expect_stage(stage.key)
        story.expect_calm()
        story.fill_in(stage)
        for number, (_, items) in enumerate(groupby(story.boxes(stage), story.signer)):
            if number:
                yield Moment(day, 9 + number)
            for item in items:
                story.tick(item)
    yield Moment(20)
    story.expect_stage(COMPLETE)
    story.close(story.giver)
    yield Moment(20, 11)
    story.expect(_is_finished(story), "the issue should be complete and closed")
    story.expect_calm()


def _approve_for_another(story: Story) -> Script:
    review = _review(story)
    approval = _approval(story, review)
    yield Moment(1, 9)
    story.create()
    yield Moment(3)
    story.finish(story.first)
    yield Moment(5)
    story.finish(review, but={approval.code})
    story.tick(approval, by=story.giver)
    yield Moment(6)
    story.expect_alarm("signer-wrong", approval.code)
    story.expect_stage(review.key)
    story.tick_again(approval)
    yield Moment(9)
    story.expect_stage(_after(story, review))
    story.expect_calm()
    _do_next_stage(story, review)


def _send_letter_early(story: Story) -> Script:
    letter = _letter(story)
    facts = [story.process.fields[key] for key in letter.needs if key in story.process.fields]
    yield Moment(1, 9)
    story.create()
    yield Moment(5)
    for each in facts:
        story.write(each.title, str(story.clock().date()), story.giver)
    story.tick(letter)
    yield Moment(6)
    story.expect_alarm("gate-skipped", letter.code)
    story.expect_stage(story.first.key)
    story.finish(story.first)
    yield Moment(6, 13)
    story.expect(("gate-skipped", letter.code) in story.alarms(), "the early letter should still stand out")


def _close_early(story: Story) -> Script:
    review = _review(story)
    yield Moment(1, 9)
    story.create()
    yield Moment(2)
    story.finish(story.first)
    yield Moment(4)
    story.finish(review)
    yield Moment(4, 15)
    reached = story.stage
    story.expect(reached not in (story.first.key, review.key), "the review should be passed")
    story.close(story.giver)
    yield Moment(5)
    story.expect_alarm("closed-early")
    story.expect_stage(reached)
    story.reopen(story.asked("closed-early"))
    yield Moment(6)
    story.expect_stage(reached)
    story.expect_calm()
    _do_next_stage(story, review)


def _delete_box(story: Story) -> Script:
    boxes = [item for item in story.boxes(story.first) if not item.signed_by]
    if len(boxes) < 2:
        raise UntellableError("the first stage has no box that one could do without")
    victim = boxes[-2]
    yield Moment(1, 9)
    story.create()
    yield Moment(3)
    text, number, line = _remove_line(story.text, victim.code)
    story.edit(text, story.giver, "deletes", f"the line of {victim.code}")
    story.finish(story.first, but={victim.code})
    yield Moment(4)
    story.expect_alarm("item-missing", victim.code)
    story.expect_stage(story.first.key)
    copied = _COPIED_LINE.search(story.comments()[-1].body)
    lines = story.text.split("\n")
    lines.insert(number, copied["line"] if copied else line)
    story.edit("\n".join(lines), story.giver, "puts", "the line back")
    story.tick(victim)
    yield Moment(4, 13)
    story.expect_stage(_after(story, story.first))
    story.expect_calm()


def _send_back(story: Story) -> Script:
    review = _review(story)
    if review.sends_back_to != story.first.key:
        raise UntellableError("nobody can send a handover back to its beginning")
    owner = story.person(review.accountable[0])
    number = next(
        (
            each
            for each in story.process.fields.values()
            if each.kind == "integer" and each.section in story.first.sections
        ),
        None,
    )
    yield Moment(1, 9)
    story.create()
    yield Moment(4)
    story.finish(story.first)
    yield Moment(7)
    story.tick(story.boxes(review)[0])
    subject = number.title if number else "What it says"
    story.say(f"send back: {subject} is last year’s figure, without the R&D teams", owner)
    yield Moment(8)
    story.expect_alarm("sent-back", story.boxes(story.first)[-1].code)
    story.expect_stage(story.first.key)
    if number:
        story.write(number.title, "1250", story.giver)
    story.tick_again(story.boxes(story.first)[-1])
    yield Moment(9)
    story.expect_stage(review.key)
    story.finish(review)
    yield Moment(9, 13)
    story.expect_stage(_after(story, review))
    story.expect_calm()


def _drag_card(story: Story) -> Script:
    person = story.person((*story.first.responsible, *story.first.informed)[-1])
    yield Moment(1, 9)
    story.create()
    yield Moment(10)
    story.drag(person, story.process.complete_label)
    yield Moment(10, 13)
    story.expect(
        story.first.label in story.world.list_titles(PROJECT, story.iid),
        "the card should be back in its column",
    )
    story.expect_alarm("label-moved")


def _be_late(story: Story) -> Script:
    review = _review(story)
    if not review.working_days:
        raise UntellableError("the review has no limit")
    owner = story.person(review.accountable[0])
    yield Moment(1, 9)
    story.create()
    yield Moment(2)
    story.finish(story.first)
    day = 3 + review.working_days
    yield Moment(day, 9)
    # A public holiday in these days moves the limit on; then the manager is told a working day later.
    for comments in range(len(story.comments()) + 1, len(story.comments()) + 3):
        while len(story.comments()) < comments and day < _LAST_DAY:
            day += 1
            yield Moment(day, 9)
        story.expect_alarm("overdue")
    yield Moment(day, 11)
    story.say(f"sign off {', '.join(item.code for item in story.boxes(review))}", owner)
    yield Moment(day, 14)
    story.expect_stage(_after(story, review))
    story.expect_calm()


# --- what the schema says ---------------------------------------------------------------------------------------------


def _review(story: Story) -> Stage:
    """Return the stage in which somebody else looks at the account: the one that sends back, else the second."""
    stages = story.process.stages
    found = next((stage for stage in stages[1:] if stage.sends_back_to), stages[min(1, len(stages) - 1)])
    if found == stages[0] or found == stages[-1]:
        raise UntellableError("no stage of this process is a review")
    return found


def _approval(story: Story, review: Stage) -> Item:
    """Return the last box of the review that the giver may not sign."""
    boxes = [
        item for item in story.boxes(review) if item.signed_by and not set(item.signed_by) & {*story.first.responsible}
    ]
    if not boxes:
        raise UntellableError("nobody signs the review")
    return boxes[-1]


def _letter(story: Story) -> Item:
    """Return a box that must wait: one that follows another, else the last of a later stage that nobody signs."""
    items = [item for stage in story.process.stages[1:] for item in story.boxes(stage) if not item.signed_by]
    if not items:
        raise UntellableError("somebody signs for every later step")
    return next((item for item in items if item.after), items[-1])


def _do_next_stage(story: Story, stage: Stage) -> None:
    """Let the stage after *stage* be done too, where one person can do it: trouble that is over stops nobody."""
    following = next((each for each in story.process.stages if each.key == _after(story, stage)), None)
    if following is not None and len({story.signer(item) for item in story.boxes(following)}) == 1:
        story.finish(following)


def _after(story: Story, stage: Stage) -> str:
    stages = story.process.stages
    place = stages.index(stage) + 1
    return stages[place].key if place < len(stages) else COMPLETE


def _is_finished(story: Story) -> bool:
    """Say whether every gate of the handover is passed and its issue closed."""
    return story.stage == COMPLETE and story.issue.state == "closed"


def _remove_line(text: str, code: str) -> tuple[str, int, str]:
    """Take the line of a box out of *text*; return the rest, the number of the line (from 0) and the line."""
    lines = text.split("\n")
    number = next(place for place, line in enumerate(lines) if re.match(rf"\s*- \[.\] {re.escape(code)}\s", line))
    return "\n".join(lines[:number] + lines[number + 1 :]), number, lines[number]


OUTLINES = (
    Outline(
        "Nordwind",
        "everything as it should be",
        "Ticks by the right people are all it takes; even the letter comes as a draft.",
        _play_well,
    ),
    Outline(
        "Bluebird",
        "approved by the wrong person",
        "Anybody can tick a box, but an approval counts only from the person who may give it.",
        _approve_for_another,
        giver=1,
        facts={"seats": "1100", "deployment": "GitLab.com"},
    ),
    Outline(
        "Cobalt",
        "the letter is sent before the approval",
        "A step taken too early is seen at once, and stays visible until it is made good.",
        _send_letter_early,
        facts={"seats": "85"},
    ),
    Outline(
        "Dalia",
        "closed too early",
        "Closing an issue finishes nothing: the handover stays where it is until its last gate.",
        _close_early,
        giver=1,
        facts={"seats": "640"},
    ),
    Outline(
        "Everest",
        "a box is deleted",
        "A box that is gone is missed; the bot gives the line to put back.",
        _delete_box,
        facts={"seats": "2300"},
    ),
    Outline(
        "Fennel",
        "sent back and mended",
        "One line in a comment sends a handover back; what was signed before is signed again.",
        _send_back,
        giver=1,
        facts={"seats": "980"},
    ),
    Outline(
        "Ginkgo",
        "the card is dragged",
        "The card follows the boxes, so the board is always true.",
        _drag_card,
        facts={"seats": "150"},
    ),
    Outline(
        "Harbor",
        "the review takes too long",
        "Who is late hears of it, a working day later the manager; and a comment can sign, too.",
        _be_late,
        giver=1,
        facts={"seats": "310"},
    ),
)
