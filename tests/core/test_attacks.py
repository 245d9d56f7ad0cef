"""Attempts to pass a gate of the real process without the right person, and honest handovers that alarm nobody.

Each row of a table is one attempt: its name, the finding that names it, and what people do. An
attempt on the approval is played twice: the bot looks at the handover before it begins, or only once it is over.
"""

from dataclasses import replace
from datetime import date

import pytest

from automation.core.memory import ping_marker, status_marker
from automation.core.remembered import Accepted
from automation.core.workdays import Absence, Calendars
from tests.builders import (
    BOT,
    ROLES,
    START,
    Tale,
    alarms,
    found,
    make_directory,
    make_members,
    make_note,
    make_seal,
    make_user,
    real_text,
    with_value,
)

STAGES = ("pre-handover", "review", "manager-actions", "handover-call", "customer-communication", "completion")
ALL_STAGES = (*STAGES, "complete")
TITLE = "The account is approved for CSE+"
APPROVAL = f"2.4 {TITLE}"
OPEN = f"- [ ] {APPROVAL}"
TICKED = f"- [x] {APPROVAL}"
NAMED = "marked the checklist item **{}** as completed"


# --- how far a handover has come --------------------------------------------------------------------------------------


def reach(stage, but=(), **options):
    """A handover that right people brought to *stage*, with all of that stage ticked but the boxes *but*."""
    tale = Tale.of_the_real_process(**options)
    for key in STAGES[: STAGES.index(stage)]:
        tale.finish(key)
    return tale.finish(stage, but) if but else tale


def before_approval(**options):
    """All is checked and nothing but the approval in 2.4 is missing."""
    return reach("review", but=["2.4"], **options)


def away(person, first, last, deputy=""):
    """A directory in which *person* is away on some days of November 2026."""
    absence = Absence(date(2026, 11, first), date(2026, 11, last), deputy)
    return make_directory(calendars=Calendars(away={person: (absence,)}))


def with_holders(**roles):
    return make_directory(roles={**ROLES, **roles})


def forget(tale):
    """Somebody deletes the status comment."""
    tale.notes = [note for note in tale.notes if not note.body.startswith("<!-- handover:status")]
    return tale


def status_of(tale):
    return next(note.body for note in tale.notes if note.body.startswith("<!-- handover:status"))


def forge(tale, seal, by):
    """Somebody posts a status comment in which the approval was accepted."""
    memory = replace(tale.judge().memory, accepted={"2.4": Accepted(tale.next_id + 1, "ben", {})})
    return tale.say(f"{status_marker(memory, seal)}\n\nAll is well", by).tick("2.4", by)


def put_back(tale, body, by):
    """Somebody posts an old status comment anew, after the one of now was deleted."""
    return forget(tale).say(body, by)


def alter(tale):
    """Somebody edits the state block in the status comment."""
    place = next(place for place, note in enumerate(tale.notes) if note.body.startswith("<!-- handover:status"))
    body = tale.notes[place].body
    half = len("<!-- handover:status state=") + 40
    changed = "A" if body[half] != "A" else "B"
    tale.notes[place] = replace(tale.notes[place], body=body[:half] + changed + body[half + 1 :])
    return tale


def note_of(tale, by, at=START):
    """A tick note that GitLab wrote in another issue, of which this one is a copy."""
    tale.notes.insert(0, make_note(NAMED.format(APPROVAL), by, 1, at=at, is_system=True))
    return tale


def on_account_of(tale, user, code="2.4"):
    """A tick by an account that is none of the people."""
    tale.tick(code, "eve")
    tale.notes[-1] = replace(tale.notes[-1], author=user)
    return tale


def ticked_twice(tale, first, second, by):
    """Two boxes ticked in one save."""
    text = tale.text
    for code in (first, second):
        line = tale._line(code)
        text = text.replace(line, line.replace("[ ]", "[x]"))
    return tale.save(text, by)


def exchanged(text):
    """The box 2.4 takes the ticked place of 7.2, and 7.2 the place of 2.4."""
    other = "7.2 My questions and assumptions stand in comments"
    return text.replace(APPROVAL, "\0").replace(other, APPROVAL).replace("\0", other)


# --- the approval, 2.4 ------------------------------------------------------------------------------------------------

WRONG = ("signer-wrong", "2.4")
UNPROVEN = ("proof-missing", "2.4")
REWORDED = ("words-changed", "2.4")
STALE = ("sign-off-stale", "2.4")
MISSING = ("item-missing", "2.4")
UNHEARD = ("item-open", "2.4")
REFUSED = ("command-invalid", "")

WRONG_HANDS = {
    f"ticked by {name}, {why}": (WRONG, lambda t, name=name: t.tick("2.4", name))
    for name, why in {
        "carol": "the CSM",
        "dave": "another CSM",
        "mia": "the CSM manager",
        "alex": "the AE",
        "dana": "a CSE",
        "chloe": "an owner whom the issue does not name",
        "eve": "who holds no role",
        "benn": "with a name like Ben's",
        "ben.": "with a name like Ben's",
        "ben-": "with a name like Ben's",
    }.items()
}

OTHER_ACCOUNTS = {
    "ticked by the bot's account": (WRONG, lambda t: on_account_of(t, BOT)),
    "ticked by an account that was deleted": (WRONG, lambda t: on_account_of(t, make_user("ghost"))),
    "ticked by an account with Ben's display name": (
        WRONG,
        lambda t: on_account_of(t, replace(make_user("eve"), name="Ben")),
    ),
    "ticked by an account without a name": (WRONG, lambda t: on_account_of(t, replace(make_user("x"), username=""))),
}

WRONG_COMMENTS = {
    f"signed off in a comment by {name}": (REFUSED, lambda t, name=name: t.say("sign off 2.4", name))
    for name in ("carol", "dave", "mia", "alex", "dana", "chloe", "eve")
}

# The owner writes these, and none of them is a sign-off.
NOT_SIGNED = {
    f"the owner writes {body!r}": (what, lambda t, body=body: t.say(body, "ben"))
    for body, what in {
        "`sign off 2.4`": UNHEARD,
        "```\nsign off 2.4\n```": UNHEARD,
        "    sign off 2.4": UNHEARD,
        "> sign off 2.4": UNHEARD,
        ">>>\nsign off 2.4\n>>>": UNHEARD,
        "- sign off 2.4": UNHEARD,
        "1. sign off 2.4": UNHEARD,
        "# sign off 2.4": UNHEARD,
        "<!-- sign off 2.4 -->": UNHEARD,
        "<div>\nsign off 2.4\n</div>": UNHEARD,
        "<pre>\nsign off 2.4\n</pre>": UNHEARD,
        "<span hidden>sign off 2.4</span>": UNHEARD,
        "| a |\n|---|\n| sign off 2.4 |": UNHEARD,
        "[^1]\n\n[^1]: sign off 2.4": UNHEARD,
        "[sign off 2.4](https://example.com)": UNHEARD,
        "I will sign off 2.4 tomorrow": UNHEARD,
        "Do not sign off 2.4": UNHEARD,
        "sign off": REFUSED,
        "sign off 2.4?": REFUSED,
        "sign off 2.4 later": REFUSED,
        "sign off 2.4 and not 2.1": REFUSED,
        "sign off 2.44": REFUSED,
        "sign off 2.4a": REFUSED,
        "sign off 4.2": UNHEARD,
        "sign off ２.4": UNHEARD,
        "ｓign off 2.4": UNHEARD,
        "/sign off 2.4": UNHEARD,
        "approved": UNHEARD,
        NAMED.format(APPROVAL): UNHEARD,
    }.items()
}

COMMENTS_CHANGED = {
    "a sign-off that was edited after it was posted": (
        REFUSED,
        lambda t: t.say("sign off 2.4 later", "ben").reword_comment("sign off 2.4"),
    ),
    "an old comment of the owner, edited into a sign-off": (
        REFUSED,
        lambda t: t.say("Thank you", "ben").run().reword_comment("sign off 2.4"),
    ),
    "a refused sign-off, edited into a good one": (
        UNHEARD,
        lambda t: t.say("sign off 2.4 later", "ben").run().reword_comment("sign off 2.4").run(),
    ),
    "a sign-off that was deleted before the bot saw it": (
        UNHEARD,
        lambda t: t.say("sign off 2.4", "ben").delete_comment(),
    ),
    "a sign-off of another box, edited": (
        REFUSED,
        lambda t: t.say("sign off 2.3", "ben").reword_comment("sign off 2.4"),
    ),
    "a sign-off that its author took back with two clicks": (
        UNHEARD,
        lambda t: t.say("sign off 2.4", "ben").tick("2.4", "ben").untick("2.4", "ben"),
    ),
    "a sign-off, the box ticked and unticked by another, ticked again": (
        WRONG,
        lambda t: t.say("sign off 2.4", "ben").tick("2.4", "carol").untick("2.4", "carol").tick("2.4", "carol"),
    ),
}

COMMANDS = {
    "waived by the manager": (REFUSED, lambda t: t.say("waive 2.4: no time, until 2026-12-31", "mia")),
    "waived by the CSM": (REFUSED, lambda t: t.say("waive 2.4: no time, until 2026-12-31", "carol")),
    "waived by the owner": (REFUSED, lambda t: t.say("waive 2.4: no time, until 2026-12-31", "ben")),
    "cancelled and resumed": (UNHEARD, lambda t: t.say("cancel: x", "mia").say("resume", "mia")),
    "cancelled, ticked by the CSM, resumed": (
        WRONG,
        lambda t: t.say("cancel: x", "mia").tick("2.4", "carol").say("resume", "mia"),
    ),
    "signed off while cancelled, then resumed": (
        UNHEARD,
        lambda t: t.say("cancel: x", "mia").say("sign off 2.4", "ben").say("resume", "mia"),
    ),
    "cancelled by the CSM": (REFUSED, lambda t: t.say("cancel: x", "carol")),
    "put on hold, ticked by the CSM, resumed": (
        WRONG,
        lambda t: t.say("hold until 2026-11-20: x", "carol").tick("2.4", "carol").say("resume", "carol"),
    ),
    "resumed without a hold": (REFUSED, lambda t: t.say("resume", "carol")),
    "several commands in one comment by the CSM": (
        REFUSED,
        lambda t: t.say("waive 2.4: x, until 2026-12-31\nsign off 2.4", "carol"),
    ),
}

IN_THE_TEXT = {
    "ticked in the editor by the CSM, with a change of words": (UNPROVEN, lambda t: t.silently("2.4", "x", "carol")),
    "ticked in the editor by the owner, with a change of words": (UNPROVEN, lambda t: t.silently("2.4", "x", "ben")),
    "a comment that reads like a tick note, and a silent tick": (
        UNPROVEN,
        lambda t: t.say(NAMED.format(APPROVAL), "ben").silently("2.4", "x", "carol"),
    ),
    "a tick note from another issue, and a silent tick": (
        UNPROVEN,
        lambda t: note_of(t.silently("2.4", "x", "carol"), "ben", START.replace(year=2025)),
    ),
    "not applicable, with a reason": (
        ("not-applicable", "2.4"),
        lambda t: t.replace(OPEN, f"- [~] {APPROVAL} - not needed", "carol"),
    ),
    "the box is deleted": (MISSING, lambda t: t.drop("2.4", "carol")),
    "the box stands twice": (
        ("item-duplicated", "2.4"),
        lambda t: t.replace(OPEN, f"{OPEN}\n{OPEN}", "carol").tick("2.4", "ben"),
    ),
    "a ticked copy of the box far below": (
        ("item-duplicated", "2.4"),
        lambda t: t.edit(lambda text: f"{text}\n\n{TICKED}\n", "carol"),
    ),
    "the ticked box in a code fence": (MISSING, lambda t: t.replace(OPEN, f"```\n{TICKED}\n```", "carol")),
    "the ticked box in an HTML comment": (MISSING, lambda t: t.replace(OPEN, f"<!--\n{TICKED}\n-->", "carol")),
    "the ticked box indented as code": (MISSING, lambda t: t.replace(OPEN, f"\npara\n\n      {TICKED}\n", "carol")),
    "the ticked box in a block of HTML": (MISSING, lambda t: t.replace(OPEN, f"<div>\n{TICKED}\n</div>", "carol")),
    "the box with another code": (MISSING, lambda t: t.replace(OPEN, f"- [x] 2.4b {TITLE}", "carol")),
    "the box with a code in other digits": (MISSING, lambda t: t.replace(OPEN, f"- [x] ２.4 {TITLE}", "carol")),
    "the box without its code": (MISSING, lambda t: t.replace(OPEN, f"- [x] {TITLE}", "carol")),
    "the code hidden in a comment": (MISSING, lambda t: t.replace(OPEN, f"- [x] <!-- 2.4 --> {TITLE}", "carol")),
    "ticked by the owner with other words": (
        REWORDED,
        lambda t: t.replace(APPROVAL, "2.4 I have seen this", "carol").tick("2.4", "ben"),
    ),
    "ticked with other words, the true ones put back": (
        REWORDED,
        lambda t: (
            t.replace(APPROVAL, "2.4 I have seen this", "carol")
            .tick("2.4", "ben")
            .replace("2.4 I have seen this", APPROVAL, "carol")
        ),
    ),
    "ticked with one letter that only looks right": (
        REWORDED,
        lambda t: t.replace(APPROVAL, APPROVAL.replace("approved", "\u0430pproved"), "carol").tick("2.4", "ben"),
    ),
    "ticked with a word before the title": (
        REWORDED,
        lambda t: t.replace(APPROVAL, f"2.4 Not yet: {TITLE}", "carol").tick("2.4", "ben"),
    ),
    "the owner's other words grown into the title": (
        REWORDED,
        lambda t: (
            t.replace(APPROVAL, "2.4 The account is", "carol")
            .tick("2.4", "ben")
            .replace("2.4 The account is", APPROVAL, "carol")
        ),
    ),
    "the words of two boxes are exchanged after a tick": (
        UNPROVEN,
        lambda t: t.tick("7.2", "ben").edit(exchanged, "carol"),
    ),
    "ticked with another box in one save by the CSM": (WRONG, lambda t: ticked_twice(t, "2.4", "7.2", "carol")),
    "ticked by the owner, unticked and ticked by the CSM": (
        WRONG,
        lambda t: t.tick("2.4", "ben").untick("2.4", "carol").tick("2.4", "carol"),
    ),
    "unticked by the owner, then ticked in the editor": (
        UNPROVEN,
        lambda t: t.tick("2.4", "ben").untick("2.4", "ben").silently("2.4", "x", "carol"),
    ),
    "opened in the editor, seen so, ticked in the editor": (
        UNPROVEN,
        lambda t: t.tick("2.4", "ben").silently("2.4", " ", "ben").run().silently("2.4", "x", "carol"),
    ),
    "deleted by the owner, put back ticked by the CSM": (
        UNPROVEN,
        lambda t: t.drop("2.4", "ben").run().replace("## 3.", f"{TICKED}\n\n## 3.", "carol"),
    ),
}

CHANGED_AFTER = {
    f"the approval is signed, then {label} is changed": (
        STALE,
        lambda t, label=label, value=value: t.run().tick("2.4", "ben").run().write(label, value, "carol"),
    )
    for label, value in {
        "Customer": "Another company",
        "Health": "Yellow",
        "Next renewal": "2028-01-01",
        "Renewal risks": "they leave",
        "Seats": "9",
        "Deployment": "Dedicated",
        "Goals": "other ones",
        "Customer notes document": "https://example.com/other",
        "Territory": "EMEA-1",
    }.items()
}

STALE_OTHERWISE = {
    "changed between the sign-off and the run that sees it first": (
        STALE,
        lambda t: t.run().tick("2.4", "ben").write("Seats", "9", "carol"),
    ),
    "changed behind a tick of a box of nobody": (
        STALE,
        lambda t: t.run().tick("2.4", "ben").behind_tick("7.2", lambda text: with_value(text, "Seats", "9"), "carol"),
    ),
    "a checked box is opened again": (STALE, lambda t: t.tick("2.4", "ben").untick("1.1", "carol")),
    "signed by comment, then changed": (
        STALE,
        lambda t: t.run().say("sign off 2.4", "ben").write("Seats", "9", "carol"),
    ),
    "signed by comment and seen, then changed": (
        STALE,
        lambda t: t.say("sign off 2.4", "ben").run().write("Seats", "9", "carol"),
    ),
    "changed, told, and the memory deleted": (
        STALE,
        lambda t: forget(t.tick("2.4", "ben").run().write("Seats", "9", "carol").run()),
    ),
    "changed, seen, and changed back": (
        STALE,
        lambda t: t.tick("2.4", "ben").run().write("Seats", "9", "carol").run().write("Seats", "1,250", "carol"),
    ),
    "changed, and the run that sees it is killed": (
        STALE,
        lambda t: t.tick("2.4", "ben").run().write("Seats", "9", "carol").run(only=1).run(only=1),
    ),
    "a copy of a field with another value": (
        ("field-duplicated", "seats"),
        lambda t: t.tick("2.4", "ben").run().replace("- **Seats:**", "- **Seats:** 9\n- **Seats:**", "carol"),
    ),
}

ROLE_FIELD = {
    "the CSM names herself as owner": (
        ("role-unknown", "cse_territory_owner"),
        lambda t: t.write("CSE Territory Owner", "@carol", "carol").tick("2.4", "carol"),
    ),
    "a stranger names herself": (
        ("role-unknown", "cse_territory_owner"),
        lambda t: t.write("CSE Territory Owner", "@eve", "eve").tick("2.4", "eve"),
    ),
    "a stranger beside the owner": (
        WRONG,
        lambda t: t.write("CSE Territory Owner", "@ben @eve", "eve").tick("2.4", "eve"),
    ),
    "nobody is named": (WRONG, lambda t: t.write("CSE Territory Owner", "", "carol").tick("2.4", "chloe")),
    "another owner is named, the old one signs": (
        WRONG,
        lambda t: t.write("CSE Territory Owner", "@chloe", "carol").tick("2.4", "ben"),
    ),
    "named to another owner and back around her tick": (
        WRONG,
        lambda t: (
            t.write("CSE Territory Owner", "@chloe", "carol")
            .tick("2.4", "chloe")
            .write("CSE Territory Owner", "@ben", "carol")
        ),
    ),
    "named after the tick was refused": (
        WRONG,
        lambda t: t.tick("2.4", "chloe").run().write("CSE Territory Owner", "@chloe", "carol"),
    ),
    "named after the comment was refused": (
        ("item-open", "2.4"),
        lambda t: t.say("sign off 2.4", "chloe").run().write("CSE Territory Owner", "@chloe", "carol"),
    ),
    "the owner of another territory is named": (
        ("role-unknown", "cse_territory_owner"),
        lambda t: (
            t.write("Territory", "EMEA-1", "carol").write("CSE Territory Owner", "@chloe", "carol").tick("2.4", "chloe")
        ),
    ),
    "a territory that nobody knows": (
        ("field-invalid", "territory"),
        lambda t: t.write("Territory", "Atlantis", "carol").tick("2.4", "ben"),
    ),
    "the owner is the CSM too": (
        ("role-unknown", "cse_territory_owner"),
        lambda t: t.write("CSM", "@ben", "carol").tick("2.4", "ben"),
    ),
    "the owner in a code span": (
        ("role-unknown", "cse_territory_owner"),
        lambda t: t.write("CSE Territory Owner", "@eve `@ben`", "eve").tick("2.4", "eve"),
    ),
    "the owner's field stands twice": (
        ("field-duplicated", "cse_territory_owner"),
        lambda t: t.replace(
            "- **CSE Territory Owner:**", "- **CSE Territory Owner:** @chloe\n- **CSE Territory Owner:**", "carol"
        ).tick("2.4", "chloe"),
    ),
}

FORGED = {
    "a state block under another key": (WRONG, lambda t: forge(t, make_seal("another key"), "carol")),
    "a state block of another issue": (WRONG, lambda t: forge(t, make_seal(iid=2), "carol")),
    "a state block of another project": (WRONG, lambda t: forge(t, make_seal(project_id=8), "carol")),
    "a state block without a seal": (WRONG, lambda t: forge(t, make_seal(""), "carol")),
    "an altered state block": (WRONG, lambda t: alter(t.run().tick("2.4", "carol").run())),
    "an old state block, posted anew": (
        WRONG,
        lambda t: put_back(t.tick("2.4", "carol").run(), status_of(t.copy().run()), "carol"),
    ),
    "the memory deleted": (WRONG, lambda t: forget(t.tick("2.4", "carol").run())),
    "the memory and all pings deleted": (
        WRONG,
        lambda t: replace(
            forget(t.tick("2.4", "carol").run()),
            notes=[note for note in t.notes if not note.body.startswith("<!-- handover:")],
        ),
    ),
    "a ping by a stranger": (
        WRONG,
        lambda t: t.say(f"{ping_marker(['turn:manager-actions:1'], make_seal('x'))}\n\nyours", "eve").tick(
            "2.4", "eve"
        ),
    ),
    "runs that are killed around the tick": (
        WRONG,
        lambda t: t.run(only=1).tick("2.4", "carol").run(only=0).run(only=1).run(only=2).run(only=1),
    ),
}

LABELS = {
    "the card is dragged on": (UNHEARD, lambda t: t.run().move_card("csm-to-cse-plus::manager-actions", "carol")),
    "the card is dragged to its end": (UNHEARD, lambda t: t.run().move_card("csm-to-cse-plus::complete", "carol")),
    "the issue is closed": (("closed-early", ""), lambda t: t.close()),
    "the next stage is simply done": (("gate-skipped", "3.1"), lambda t: t.finish("manager-actions")),
    "all later stages are simply done": (
        ("sign-off-early", "3.3"),
        lambda t: t.finish("manager-actions").finish("handover-call").finish("completion"),
    ),
}

REVIEW = {
    **WRONG_HANDS,
    **OTHER_ACCOUNTS,
    **WRONG_COMMENTS,
    **NOT_SIGNED,
    **COMMENTS_CHANGED,
    **COMMANDS,
    **IN_THE_TEXT,
    **CHANGED_AFTER,
    **STALE_OTHERWISE,
    **ROLE_FIELD,
    **FORGED,
    **LABELS,
}


def play(tale, attempt, expected, gate):
    """Play an attempt; at every look afterwards the handover still stands before *gate*, and says why."""
    tale = attempt(tale)
    for _ in range(3):
        tale.run()
        verdict = tale.judge()
        assert verdict.stage in ALL_STAGES
        assert ALL_STAGES.index(verdict.stage) <= ALL_STAGES.index(gate)
        assert tale.stage_labels == {verdict.label}
        assert expected in found(verdict)
    assert tale.plan() == ()


@pytest.mark.parametrize("is_seen", [False, True], ids=["unseen", "seen"])
@pytest.mark.parametrize(("expected", "attempt"), REVIEW.values(), ids=REVIEW)
def test_nobody_but_the_owner_approves(expected, attempt, is_seen):
    tale = before_approval()
    play(tale.run() if is_seen else tale, attempt, expected, "review")


# --- who is in the directory, and who stands in -----------------------------------------------------------------------

# Ben is away, or not there at all. START is Monday, 2026-11-02.
DIRECTORY = {
    "a deputy before the absence": (WRONG, away("ben", 10, 20, "chloe"), lambda t: t.tick("2.4", "chloe")),
    "a deputy after the absence": (WRONG, away("ben", 3, 4, "chloe"), lambda t: t.wait(days=4).tick("2.4", "chloe")),
    "a deputy by comment after the absence": (
        REFUSED,
        away("ben", 3, 4, "chloe"),
        lambda t: t.wait(days=4).say("sign off 2.4", "chloe"),
    ),
    "the CSM as deputy of the owner": (WRONG, away("ben", 1, 30, "carol"), lambda t: t.tick("2.4", "carol")),
    "the CSM as deputy, by comment": (REFUSED, away("ben", 1, 30, "carol"), lambda t: t.say("sign off 2.4", "carol")),
    "somebody else while the deputy acts": (WRONG, away("ben", 1, 30, "chloe"), lambda t: t.tick("2.4", "eve")),
    "somebody while nobody stands in": (WRONG, away("ben", 1, 30), lambda t: t.tick("2.4", "chloe")),
    "the deputy of somebody who is not named": (WRONG, away("chloe", 1, 30, "eve"), lambda t: t.tick("2.4", "eve")),
    "a deputy who is no member": (WRONG, away("ben", 1, 30, "zack"), lambda t: t.tick("2.4", "zack")),
    "one's own deputy": (WRONG, away("carol", 1, 30, "carol"), lambda t: t.tick("2.4", "carol")),
    "the owner has left the directory": (
        ("signer-wrong", "2.4"),
        make_directory(without=["ben"]),
        lambda t: t.tick("2.4", "ben"),
    ),
    "the owner is no member": (
        ("role-unknown", "cse_territory_owner"),
        make_directory(members=make_members(["carol", "mia", "alex", "dana"])),
        lambda t: t.tick("2.4", "ben"),
    ),
    "the owner is a guest": (
        ("role-unknown", "cse_territory_owner"),
        make_directory(members=make_members(access_level=10)),
        lambda t: t.tick("2.4", "ben"),
    ),
    "nobody holds the role": (
        ("role-unknown", "cse_territory_owner"),
        with_holders(cse_territory_owner=()),
        lambda t: t.tick("2.4", "ben"),
    ),
    "the CSM holds the owner's role too": (
        WRONG,
        with_holders(cse_territory_owner=("ben", "carol")),
        lambda t: t.tick("2.4", "carol"),
    ),
}


@pytest.mark.parametrize(("expected", "directory", "attempt"), DIRECTORY.values(), ids=DIRECTORY)
def test_who_holds_no_role_and_stands_in_for_nobody_does_not_approve(expected, directory, attempt):
    play(before_approval(directory=directory), attempt, expected, "review")


# --- before the gate, and after a return ------------------------------------------------------------------------------

FIXED_ORDER = {
    "the approval is ticked before the CSM is ready": (
        ("sign-off-early", "2.4"),
        lambda: reach("pre-handover", but=["1.10"]).finish("review").tick("1.10", "carol"),
    ),
    "the approval is commented before the CSM is ready": (
        ("item-open", "2.1"),
        lambda: reach("pre-handover", but=["1.10"]).say("sign off 2.4", "ben").tick("1.10", "carol"),
    ),
    "seen early, then the gate opens": (
        ("sign-off-early", "2.1"),
        lambda: reach("pre-handover", but=["1.10"]).finish("review").run().tick("1.10", "carol"),
    ),
    "early, the memory deleted, then the gate opens": (
        ("sign-off-early", "2.4"),
        lambda: forget(reach("pre-handover", but=["1.10"]).finish("review").run()).tick("1.10", "carol"),
    ),
    "everything is ticked when the issue is created": (
        ("proof-missing", "2.4"),
        lambda: Tale.of_the_real_process(text=real_text().replace("- [ ]", "- [x]")),
    ),
    "sent back, and nothing is ticked anew": (
        ("sent-back", "1.10"),
        lambda: before_approval().tick("2.4", "ben").run().say("send back: x", "ben"),
    ),
    "sent back, the answer ticked by the manager": (
        ("sent-back", "1.10"),
        lambda: before_approval().tick("2.4", "ben").say("send back: x", "ben").retick("1.10", "mia"),
    ),
    "sent back, the answer waived": (
        ("sent-back", "1.10"),
        lambda: (
            before_approval()
            .say("send back: x", "ben")
            .untick("1.10", "carol")
            .say("waive 1.10: no time, until 2026-12-31", "mia")
        ),
    ),
    "sent back, answered, the old approval kept": (
        ("sign-off-stale", "2.4"),
        lambda: before_approval().tick("2.4", "ben").run().say("send back: x", "ben").run().retick("1.10", "carol"),
    ),
    "sent back, the comment deleted once it was seen": (
        ("sent-back", "1.10"),
        lambda: before_approval().tick("2.4", "ben").say("send back: x", "ben").run().delete_comment(),
    ),
    "sent back, the comment edited away": (
        ("sent-back", "1.10"),
        lambda: before_approval().tick("2.4", "ben").say("send back: x", "ben").run().reword_comment("fine"),
    ),
    "sent back, and the CSM signs the approval anew": (
        ("signer-wrong", "2.4"),
        lambda: (
            before_approval()
            .tick("2.4", "ben")
            .say("send back: x", "ben")
            .retick("1.10", "carol")
            .retick("2.4", "carol")
        ),
    ),
}


@pytest.mark.parametrize(("expected", "life"), FIXED_ORDER.values(), ids=FIXED_ORDER)
def test_what_came_too_early_or_was_sent_back_approves_nothing(expected, life):
    play(life(), lambda tale: tale, expected, "review")


# --- the other gates --------------------------------------------------------------------------------------------------

# The gate and its last box; then, as above, the finding and what people do.
OTHER_GATES = {
    ("pre-handover", "1.10"): {
        "another signs the readiness off by comment": (REFUSED, lambda t: t.say("sign off 1.10", "eve")),
        "waived by the CSM": (REFUSED, lambda t: t.say("waive 1.10: x, until 2026-12-31", "carol")),
        "waived without a date": (REFUSED, lambda t: t.say("waive 1.10: x", "mia")),
        "waived without a reason": (REFUSED, lambda t: t.say("waive 1.10 until 2026-12-31", "mia")),
        "a waiver that is over": (
            ("command-invalid", "1.10"),
            lambda t: t.say("waive 1.10: x, until 2026-11-03", "mia").wait(days=4),
        ),
        "a waiver that was edited": (
            REFUSED,
            lambda t: t.say("Hello", "mia").reword_comment("waive 1.10: x, until 2026-12-31"),
        ),
        "not applicable": (("not-applicable", "1.10"), lambda t: t.silently("1.10", "~", "carol")),
        "a fact is missing": (("field-blank", "goals"), lambda t: t.write("Goals", "", "carol").tick("1.10", "carol")),
        "a fact in a comment only": (
            ("field-blank", "goals"),
            lambda t: t.write("Goals", "<!-- One platform -->", "carol").tick("1.10", "carol"),
        ),
    },
    ("pre-handover", "1.4"): {
        "silent instances, yet not applicable": (
            ("not-applicable", "1.4"),
            lambda t: t.write("Last ping", "never", "carol").replace(
                "- [ ] 1.4 Every instance that has been silent for six months is flagged",
                "- [~] 1.4 Every instance that has been silent for six months is flagged - none",
                "carol",
            ),
        )
    },
    ("manager-actions", "3.3"): {
        "the CSM signs": (("signer-wrong", "3.3"), lambda t: t.tick("3.3", "carol")),
        "the owner signs": (("signer-wrong", "3.3"), lambda t: t.tick("3.3", "ben")),
        "waived by herself": (REFUSED, lambda t: t.say("waive 3.3: x, until 2026-12-31", "mia")),
        "the CSM names herself": (
            ("signer-wrong", "3.3"),
            lambda t: t.write("CSM manager", "@carol", "carol").tick("3.3", "carol"),
        ),
        "another tier after the signature": (
            ("field-invalid", "account_tier"),
            lambda t: t.tick("3.3", "mia").run().write("Account tier", "Gold", "carol"),
        ),
        "another pool after the signature": (
            ("sign-off-stale", "3.3"),
            lambda t: t.tick("3.3", "mia").run().write("Compensation pool", "AMER", "carol"),
        ),
    },
    ("handover-call", "4.5a"): {
        "the owner confirms for the CSM": (("signer-wrong", "4.5a"), lambda t: t.tick("4.5a", "ben")),
        "another CSM confirms": (("signer-wrong", "4.5a"), lambda t: t.tick("4.5a", "dave")),
        "the owner signs off the wrong half": (REFUSED, lambda t: t.say("sign off 4.5a", "ben")),
    },
    ("handover-call", "4.5b"): {
        "the CSM confirms for the owner": (("signer-wrong", "4.5b"), lambda t: t.tick("4.5b", "carol")),
        "the CSM signs off for the owner": (REFUSED, lambda t: t.say("sign off 4.5b", "carol")),
        "half a code": (REFUSED, lambda t: t.say("sign off 4.5", "ben")),
        "too short": (
            ("field-invalid", "call_minutes"),
            lambda t: t.write("Length of the call in minutes", "5", "carol").tick("4.5b", "ben"),
        ),
        "the words of the other half": (
            ("words-changed", "4.5b"),
            lambda t: t.replace("4.5b As the CSE Territory Owner", "4.5b As the CSM", "carol").tick("4.5b", "ben"),
        ),
    },
    ("customer-communication", "5.2"): {
        "the CSM agrees for the AE": (("signer-wrong", "5.2"), lambda t: t.tick("5.2", "carol")),
        "the manager agrees for the AE": (("signer-wrong", "5.2"), lambda t: t.tick("5.2", "mia")),
        "the CSM signs off for the AE": (REFUSED, lambda t: t.say("sign off 5.2", "carol")),
        "another day after the agreement": (
            ("sign-off-stale", "5.2"),
            lambda t: t.tick("5.2", "alex").run().write("Letter planned for", "2026-11-19", "carol"),
        ),
        "another handover date, seen only later": (
            ("sign-off-stale", "5.2"),
            lambda t: t.run().tick("5.2", "alex").write("Handover date", "2026-12-24", "carol"),
        ),
    },
    ("customer-communication", "5.4"): {
        "a CSE was in the customer's call": (
            ("forbidden", "5.5"),
            lambda t: t.tick("5.4", "carol").tick("5.5", "carol"),
        ),
        "the ban is waived": (
            ("forbidden", "5.5"),
            lambda t: t.tick("5.4", "carol").tick("5.5", "carol").say("waive 5.5: x, until 2026-12-31", "mia"),
        ),
    },
    ("completion", "6.3"): {
        "the CSM, a CSE too, accepts the account": (("signer-wrong", "6.3"), lambda t: t.tick("6.3", "carol")),
        "the CSM accepts by comment": (REFUSED, lambda t: t.say("sign off 6.3", "carol")),
        "the AE accepts the account": (("signer-wrong", "6.3"), lambda t: t.tick("6.3", "alex")),
        "a CSE of another territory accepts": (
            ("signer-wrong", "6.3"),
            lambda t: t.write("Territory", "EMEA-1", "carol").tick("6.3", "eli"),
        ),
        "the CSM steps aside for a moment": (
            ("signer-wrong", "6.3"),
            lambda t: t.write("CSM", "@dave", "carol").tick("6.3", "carol").write("CSM", "@carol", "carol"),
        ),
    },
    ("completion", "6.4a"): {"another owner confirms": (("signer-wrong", "6.4a"), lambda t: t.tick("6.4a", "chloe"))},
    ("completion", "6.4b"): {
        "the CSM confirms for the AE": (("signer-wrong", "6.4b"), lambda t: t.tick("6.4b", "carol"))
    },
    ("completion", "6.5a"): {
        "another CSM confirms": (("signer-wrong", "6.5a"), lambda t: t.tick("6.5a", "dave")),
        "the manager confirms for the CSM": (("signer-wrong", "6.5a"), lambda t: t.tick("6.5a", "mia")),
    },
    ("completion", "6.5b"): {
        "the CSM confirms for the manager": (("signer-wrong", "6.5b"), lambda t: t.tick("6.5b", "carol")),
        "other feedback after the signature": (
            ("sign-off-stale", "6.5b"),
            lambda t: t.tick("6.5b", "mia").run().write("Feedback on the handover", "A disaster", "carol"),
        ),
        "closed without the manager": (("closed-early", ""), lambda t: t.close()),
        "the card in the last list": (
            ("item-open", "6.5b"),
            lambda t: t.run().move_card("csm-to-cse-plus::complete", "carol"),
        ),
    },
}

ATTEMPTS_ELSEWHERE = {
    f"{box}: {name}": (gate, box, *attempt)
    for (gate, box), attempts in OTHER_GATES.items()
    for name, attempt in attempts.items()
}


@pytest.mark.parametrize(("gate", "box", "expected", "attempt"), ATTEMPTS_ELSEWHERE.values(), ids=ATTEMPTS_ELSEWHERE)
def test_no_other_gate_is_passed_without_its_people(gate, box, expected, attempt):
    play(reach(gate, but=[box]), attempt, expected, gate)


def test_there_are_a_hundred_attempts():
    assert len(REVIEW) + len(DIRECTORY) + len(FIXED_ORDER) + len(ATTEMPTS_ELSEWHERE) >= 100


# --- honest handovers -------------------------------------------------------------------------------------------------


def all_of(tale, *stages):
    for stage in stages or STAGES:
        tale.finish(stage)
    return tale


def watched(tale, *stages):
    """The same, with a run after every stage."""
    for stage in stages or STAGES:
        tale.finish(stage).run()
    return tale


def in_order(tale, stage, codes):
    """Tick the boxes of *stage* in an order of one's own, each by the right person."""
    for code in codes.split():
        tale.finish(stage, but=set(tale.process.items) - {code})
    return tale


def again(tale, codes, by):
    for code in codes.split():
        tale.retick(code, by)
    return tale


def blank(label):
    return with_value(real_text(), label, "")


HONEST = {
    "one run at the very end": ("complete", all_of),
    "a run after every stage": ("complete", watched),
    "the boxes of the first stage from the last to the first": (
        "review",
        lambda t: in_order(t, "pre-handover", "1.9 1.8 1.7 1.6 1.5 1.4 1.3 1.2 1.1 1.10"),
    ),
    "the review in any order": (
        "manager-actions",
        lambda t: in_order(all_of(t, "pre-handover").run(), "review", "2.4 2.2 2.1 2.3").run(),
    ),
    "the call confirmed before its points are ticked": (
        "customer-communication",
        lambda t: in_order(watched(t, *STAGES[:3]), "handover-call", "4.5b 4.5a 4.4 4.3 4.2 4.1").run(),
    ),
    "the AE agrees before the letter is drafted": (
        "completion",
        lambda t: in_order(watched(t, *STAGES[:4]), "customer-communication", "5.2 5.1 5.4 5.3").run(),
    ),
    "the end confirmed in any order": (
        "complete",
        lambda t: in_order(watched(t, *STAGES[:5]), "completion", "6.4b 6.3 6.2 6.4a 6.1 6.5b 6.5a").run(),
    ),
    "ticked by mistake and taken back at once": (
        "review",
        lambda t: all_of(t, "pre-handover").run().tick("2.1", "ben").run().untick("2.1", "ben").run(),
    ),
    "a sign-off taken back and given again": (
        "manager-actions",
        lambda t: watched(t, "pre-handover", "review").retick("2.4", "ben").run(),
    ),
    "a fact corrected before anybody signed": (
        "manager-actions",
        lambda t: all_of(t, "pre-handover").run().write("Seats", "9", "carol").run().finish("review").run(),
    ),
    "a fact filled in late": (
        "review",
        lambda t: t.write("Goals", "", "carol").run().write("Goals", "x", "carol").finish("pre-handover").run(),
    ),
    "an empty form, filled in line by line": (
        "review",
        lambda t: (
            t.edit(lambda text: with_value(with_value(text, "Seats", ""), "AE", ""), "carol")
            .run()
            .write("Seats", "9", "carol")
            .run()
            .write("AE", "@alex", "carol")
            .run()
            .finish("pre-handover")
            .run()
        ),
    ),
    "ordinary boxes ticked in the editor": (
        "pre-handover",
        lambda t: t.silently("1.1", "x", "carol").run().silently("1.2", "x", "carol").run(),
    ),
    "two ordinary boxes in one save": ("pre-handover", lambda t: ticked_twice(t, "1.1", "1.2", "carol").run()),
    "a box ticked with a change of a fact in one save": (
        "pre-handover",
        lambda t: t.run().behind_tick("1.1", lambda text: with_value(text, "Seats", "9"), "carol").run(),
    ),
    "not applicable, with its reason": (
        "review",
        lambda t: (
            t.replace(
                "silent for six months is flagged", "silent for six months is flagged - all on GitLab.com", "carol"
            )
            .edit(lambda text: text.replace("- [ ] 1.4", "- [~] 1.4"), "carol")
            .run()
            .finish("pre-handover", but=["1.4"])
            .run()
        ),
    ),
    "notes of the CSE while others sign": (
        "manager-actions",
        lambda t: (
            all_of(t, "pre-handover")
            .run()
            .tick("2.1", "ben")
            .write("Key points of the sync", "none", "dana")
            .finish("review", but=["2.1"])
            .write("In scope for CSE+", "two teams", "dana")
            .run()
        ),
    ),
    "the Top 3 grow after the approval": (
        "manager-actions",
        lambda t: watched(t, "pre-handover", "review").replace("1. Renewal", "1. Renewal in March", "carol").run(),
    ),
    "an approval by comment": (
        "manager-actions",
        lambda t: all_of(t, "pre-handover").run().say("sign off 2.1, 2.2, 2.3 and 2.4", "ben").run(),
    ),
    "an approval by comment, the boxes ticked by the CSM": (
        "manager-actions",
        lambda t: (
            all_of(t, "pre-handover")
            .say("sign off 2.1, 2.2, 2.3 and 2.4", "ben")
            .run()
            .tick("2.1", "carol")
            .tick("2.4", "carol")
            .run()
        ),
    ),
    "a comment deleted after it was heard": (
        "manager-actions",
        lambda t: all_of(t, "pre-handover").say("sign off 2.1, 2.2, 2.3 and 2.4", "ben").run().delete_comment().run(),
    ),
    "talk in comments": (
        "review",
        lambda t: (
            all_of(t, "pre-handover")
            .say("I will sign off tomorrow.", "ben")
            .say("We should hold a call.", "carol")
            .say("Resume of the call: all good", "eve")
            .run()
        ),
    ),
    "on hold for ten days, then resumed": (
        "manager-actions",
        lambda t: (
            all_of(t, "pre-handover")
            .run()
            .say("hold until 2026-11-12: the customer is away", "ben")
            .run()
            .wait(days=9)
            .run()
            .say("resume", "ben")
            .run()
            .finish("review")
            .run()
        ),
    ),
    "on hold over the limit": (
        "review",
        lambda t: (
            all_of(t, "pre-handover")
            .run()
            .say("hold until 2026-11-20: x", "ben")
            .run()
            .wait(days=14)
            .run()
            .wait(days=3)
            .run()
        ),
    ),
    "a weekend in the middle of the review": (
        "manager-actions",
        lambda t: all_of(t.wait(days=3), "pre-handover").run().wait(days=2).run().finish("review").run(),
    ),
    "a waiver, and the box ticked later": (
        "review",
        lambda t: (
            t.finish("pre-handover", but=["1.8"])
            .run()
            .say("waive 1.8: Gong is down, until 2026-12-31", "mia")
            .run()
            .tick("1.8", "carol")
            .run()
        ),
    ),
    "a new owner before the review": (
        "manager-actions",
        lambda t: (
            all_of(t, "pre-handover")
            .run()
            .write("CSE Territory Owner", "@chloe", "carol")
            .run()
            .tick("2.1", "chloe")
            .tick("2.2", "chloe")
            .tick("2.3", "chloe")
            .tick("2.4", "chloe")
            .run()
        ),
    ),
    "a new owner after the approval": (
        "manager-actions",
        lambda t: watched(t, "pre-handover", "review").write("CSE Territory Owner", "@chloe", "carol").run(),
    ),
    "a new CSM half-way": (
        "handover-call",
        lambda t: watched(t, *STAGES[:3]).write("CSM", "@dave", "mia").run().tick("4.5a", "dave").run(),
    ),
    "any CSE accepts": (
        "complete",
        lambda t: watched(t, *STAGES[:5]).tick("6.3", "eli").finish("completion", but=["6.3"]).run(),
    ),
    "a return, mended and approved anew": (
        "manager-actions",
        lambda t: again(
            watched(t, "pre-handover", "review")
            .say("send back: seats", "ben")
            .write("Seats", "9", "carol")
            .retick("1.10", "carol")
            .run(),
            "2.1 2.2 2.3 2.4",
            "ben",
        ).run(),
    ),
    "cancelled and resumed by the manager in one hour": (
        "review",
        lambda t: all_of(t, "pre-handover").run().say("cancel: a mistake", "mia").say("resume", "mia").run(),
    ),
    "a run that is killed everywhere": (
        "complete",
        lambda t: (
            all_of(all_of(t, "pre-handover", "review").run(only=1).run(only=2).run(only=1), *STAGES[2:])
            .run(only=1)
            .run()
        ),
    ),
    "closed at its end": ("complete", lambda t: watched(t).close().run().wait(days=2).run()),
}


class Watched(Tale):
    """A handover at whose every run nobody is alarmed."""

    def run(self, only=None, **options):
        super().run(only, **options)
        assert alarms(self.judge()) == []
        if only is None:
            assert self.plan() == ()
        return self


@pytest.mark.parametrize("generation", ["R", "P"])
@pytest.mark.parametrize(("stage", "life"), HONEST.values(), ids=HONEST)
def test_an_honest_handover_alarms_nobody(stage, life, generation):
    tale = life(Watched.of_the_real_process(generation=generation)).run()
    assert tale.judge().stage == stage
    assert tale.stage_labels == {f"csm-to-cse-plus::{stage}"}
