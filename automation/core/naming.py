"""Do the names that a server shows stay apart: labels, their former names, boards?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from automation.core.bootstrap.wanted import MISSED_BOARD, WAITING_BOARD
from automation.core.model import GATE_MISSED, LIMIT_AT_RISK, LIMIT_MISSED, WAITING_ON, Process, Stage
from automation.core.recognition import Processes

Found = tuple[Process, tuple[str, ...], str]
_MOST_LETTERS = 255


def judge_names(processes: Processes) -> Iterator[Found]:
    """Find labels and boards that two claim, and former names that no label can have had or that are in use.

    Each with its process and the place in its schema.
    """
    owners = _owners(processes)
    for process in processes.values():
        for stage in process.stages:
            yield from _judge_former(process, stage, owners)
    yield from _judge_boards(processes)


def _owners(processes: Processes) -> Mapping[str, str]:
    """Return every label in use with what it belongs to; GitLab's names differ by capitals, people's do not."""
    owners = dict.fromkeys((GATE_MISSED, LIMIT_AT_RISK, LIMIT_MISSED), "the flag of the bot")
    for process in processes.values():
        owners |= dict.fromkeys((process.complete_label, process.cancelled_label), f"the end of {process.id}")
        owners |= {
            stage.label.casefold(): f"the stage `{stage.key}` in version {process.version} of {process.id}"
            for stage in process.stages
        }
    return owners


def _judge_former(process: Process, stage: Stage, owners: Mapping[str, str]) -> Iterator[Found]:
    place = ("properties", stage.key, "x-previously")
    for label in stage.former_labels:
        if "," in label or len(label) > _MOST_LETTERS:
            yield process, place, f"no label was ever called {label!r}: it has no comma, and at most 255 characters."
        owner = owners.get(label.casefold())
        if owner is not None or label.casefold().startswith(WAITING_ON):
            message = (
                f"the label {label!r} is in use, by {owner or 'the bot'}, so it cannot be a former name. If an older"
                f' version still has it, write the new label there too, and "x-previously": ["{label}"] beside it.'
            )
            yield process, place, message
    for other in process.stages:
        if other.key > stage.key and set(other.former_labels) & set(stage.former_labels):
            yield process, place, f"the stage `{other.key}` has the same former name."


def _judge_boards(processes: Processes) -> Iterator[Found]:
    taken = {name.casefold(): "a board of its own" for name in (WAITING_BOARD, MISSED_BOARD)}
    newest = {process_id: max(each for name, each in processes if name == process_id) for process_id, _ in processes}
    for process_id, version in newest.items():
        process = processes[process_id, version]
        owner = taken.setdefault(" ".join(process.title.split()).casefold(), process_id)
        if owner != process_id:
            message = f"the title “{process.title}” names the board, and {owner} is called so already: write another."
            yield process, ("title",), message
