"""The page "What this change means": plain words for whoever reads a merge request, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from automation.core.changes.model import Change, one_line
from automation.core.changes.versions import Effect
from automation.core.pages.escaping import escape_markdown
from automation.core.words import code_span

TITLE = "What this change means"
_NOTHING = (
    "Nothing changes for anybody: no rule, no person, no letter, no word that people read, nor who must approve and"
    " what the pipeline does. The program itself is not compared here."
)
_READ = "Please read before merging"


@dataclass(frozen=True, slots=True)
class Meaning:
    """All that a change means. ``against`` says what it was compared with."""

    against: str
    processes: tuple[Effect, ...] = ()
    people: tuple[Change, ...] = ()
    letters: tuple[Change, ...] = ()
    templates: tuple[Change, ...] = ()
    bot: tuple[Change, ...] = ()
    guards: tuple[Change, ...] = ()

    @property
    def is_setup(self) -> bool:
        """Whether labels, boards or the schedule must be put right on the server afterwards."""
        return any(effect.is_setup for effect in self.processes) or any(change.is_setup for change in self.people)

    @property
    def sentences(self) -> tuple[tuple[str, str, str], ...]:
        """Every change as (what it is about, for whom, the sentence); "all" are handovers under way too."""
        found = [
            (effect.title, whom, change.said)
            for effect in self.processes
            for whom, changes in (("all", effect.for_all), ("new", effect.for_new))
            for change in changes
        ]
        found += [
            (effect.title, "all", said)
            for effect in self.processes
            for said in (*(f"{_READ}: {each}" for each in effect.warnings), *effect.remarks)
        ]
        found += [
            (about, whom, change.said)
            for about, whom, changes in (
                ("people", "all", self.people),
                ("letters", "all", self.letters),
                ("templates", "new", self.templates),
                ("bot", "all", self.bot),
                ("approval and pipeline", "all", self.guards),
            )
            for change in changes
        ]
        return tuple(found)


def write_meaning(meaning: Meaning, refused: Sequence[tuple[str, str]] = ()) -> str:
    """Write the page; *refused* are places and messages of what must be put right before merging, first of all."""
    parts = [f"# {TITLE}", *_refused(refused), *_warned(meaning.processes)]
    for effect in (each for each in meaning.processes if each.for_all or each.for_new or each.remarks):
        parts += [f"## {escape_markdown(effect.title)}", *_effect(effect)]
    parts += [
        *_section("People and what the bot does", meaning.people),
        *_section("Letters", meaning.letters),
        *_section("Templates", meaning.templates),
        *_section("What the bot says", meaning.bot),
        *_section("Who must approve, and what the pipeline does", meaning.guards),
    ]
    if meaning.is_setup:
        parts += [
            "## After merging",
            "Labels, boards or the schedule on the server must follow: run `handover bootstrap` to see what would"
            " change, then `handover bootstrap --apply`.",
        ]
    if not meaning.sentences:
        parts.append(_NOTHING)
    parts.append(f"Compared with {escape_markdown(meaning.against)}.")
    return "\n\n".join(parts) + "\n"


def write_not_compared(why: str, refused: Sequence[tuple[str, str]] = ()) -> str:
    """Write the page where there was nothing to compare with: it must not look as if nothing changed."""
    parts = [f"# {TITLE}", f"**Could not be compared**, so nobody can tell here: {escape_markdown(one_line(why))}"]
    return "\n\n".join([*parts, *_refused(refused)]) + "\n"


def _warned(effects: Iterable[Effect]) -> Iterator[str]:
    told = [
        f"- **{escape_markdown(each.title)}**: {escape_markdown(said)}" for each in effects for said in each.warnings
    ]
    if told:
        yield f"## {_READ}"
        yield "\n".join(told)


def _refused(refused: Sequence[tuple[str, str]]) -> Iterator[str]:
    if refused:
        yield "## To put right before merging"
        yield "\n".join(f"- {code_span(one_line(place))}: {escape_markdown(message)}" for place, message in refused)


def _effect(effect: Effect) -> Iterator[str]:
    if effect.for_new:
        yield "For new handovers; those under way keep the rules of their version:"
        yield _list(effect.for_new)
    if effect.for_all:
        yield "For all handovers, those under way too:"
        yield _list(effect.for_all)
    if effect.remarks:
        yield "\n".join(f"- {escape_markdown(remark)}" for remark in effect.remarks)


def _section(title: str, changes: Sequence[Change]) -> Iterator[str]:
    if changes:
        yield f"## {title}"
        yield _list(changes)


def _list(changes: Iterable[Change]) -> str:
    lines = []
    for change in changes:
        lines.append(f"- {escape_markdown(change.said)}")
        lines += [f"  - {code_span(one_line(line))}" for line in change.lines]
    return "\n".join(lines)
