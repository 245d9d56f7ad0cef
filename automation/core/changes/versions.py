"""What a change of the processes may not do, and what it means: two sets of processes -> refusals and plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from automation.core.changes.codes import judge_codes, judge_since
from automation.core.changes.differences import compare_processes
from automation.core.changes.model import Change, Place, Refusal, listed
from automation.core.model import Process
from automation.core.recognition import Processes


@dataclass(frozen=True, slots=True)
class Versions:
    """The processes of one state of the repository by their files. ``unreadable`` are files that are no process."""

    by_path: Mapping[str, Process] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()

    def all_of(self, process_id: str) -> dict[int, tuple[str, Process]]:
        """Return the versions of a process, each with its file, the oldest first."""
        found = ((each.version, (path, each)) for path, each in self.by_path.items() if each.id == process_id)
        return dict(sorted(found, key=lambda pair: pair[0]))

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.id for each in self.by_path.values()))


@dataclass(frozen=True, slots=True)
class Effect:
    """What changes in one process, and for whom.

    ``title`` is what readers call it. ``for_all`` holds for handovers under way too, ``for_new`` for those that are
    made from now on; ``remarks`` are no differences, but good to know, and ``warnings`` what must be read before
    merging. ``is_setup``: labels or boards must follow.
    """

    title: str
    for_all: tuple[Change, ...] = ()
    for_new: tuple[Change, ...] = ()
    remarks: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    is_setup: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.for_all or self.for_new or self.remarks or self.warnings)


def judge_kept_codes(processes: Processes) -> Iterator[tuple[Process, Place, str]]:
    """Find, among the versions that lie side by side, codes that changed their meaning and versions out of order."""
    for (process_id, version), later in processes.items():
        for number in sorted(each for name, each in processes if name == process_id and each < version):
            for judge in (judge_codes, judge_since):
                yield from ((later, place, message) for place, message in judge(processes[process_id, number], later))
    for process in processes.values():
        for section, about in process.schema["properties"].items():
            for name, element in about.get("properties", {}).items():
                if element.get("x-since", 0) > process.version:
                    place = ("properties", section, "properties", name, "x-since")
                    yield process, place, f"this is version {process.version}, so {name} cannot come with a later one."


def compare_versions(old: Versions, new: Versions, ref: str) -> tuple[tuple[Refusal, ...], tuple[Effect, ...]]:
    """Compare all processes. *ref* is what `git show` knows the old state by.

    Returns:
        What is refused; and what changes, one effect a process, in the order of their files.
    """
    refusals: list[Refusal] = []
    effects: list[Effect] = []
    for process_id in dict.fromkeys((*old.ids, *new.ids)):
        before, after = old.all_of(process_id), new.all_of(process_id)
        if before and after:
            refusals += _judge(before, after, ref, old, new)
            effects.append(_tell(before, after))
        elif after:
            newest = list(after.values())[-1][1]
            remark = "This process is new. Nobody has a handover of it yet."
            effects.append(Effect(newest.title, remarks=(remark,), is_setup=True))
        elif path_of(process_id) not in new.unreadable:
            come = [each for each in new.ids if each not in old.ids]
            effects.append(_tell_gone(list(before.values())[-1][1], come))
    effects += [_tell_unread(path, _UNREAD_BEFORE) for path in sorted(old.unreadable - new.unreadable)]
    effects += [_tell_unread(path, _UNREAD_NOW) for path in sorted(new.unreadable)]
    return tuple(dict.fromkeys(refusals)), tuple(each for each in effects if not each.is_empty)


def path_of(process_id: str, old_version: int = 0) -> str:
    """Return the file of a process, or of one of its older versions."""
    return f"schemas/{process_id}{f'.v{old_version}' if old_version else ''}.schema.json"


_Kept = Mapping[int, tuple[str, Process]]
_DIALECT = "schemas/dialect.schema.json"


def _judge(before: _Kept, after: _Kept, ref: str, old: Versions, new: Versions) -> Iterator[Refusal]:
    was, (path, now) = list(before.values())[-1][1], list(after.values())[-1]
    for _, earlier in before.values():
        for judge in (judge_codes, judge_since):
            yield from (Refusal(path, message, place) for place, message in judge(earlier, now))
    if now.version < was.version:
        message = (
            f"this was version {was.version} before: a version never falls, for issues name it. Write a higher one."
        )
        yield Refusal(path, message, ("x-process", "version"))
        return
    if now.version > was.version and was.version not in after and path_of(was.id, was.version) not in new.unreadable:
        yield Refusal(path, _keep(was, ref), ("x-process", "version"))
    for version, (kept_path, kept) in after.items():
        if version in before:
            former_path, former = before[version]
            is_newest = version == was.version == now.version
            ways = _raise_version(was, ref) if is_newest else _restore(former, former_path, kept_path, ref)
            yield from _judge_same(former, kept, kept_path, ways)
        elif version < was.version and kept_path not in old.unreadable:
            message = (
                f"version {version} was not there before, and version {was.version} is newer: nobody can tell whether"
                " these are the rules that handovers began with, so a version that is gone never comes back. Delete"
                " this file."
            )
            yield Refusal(kept_path, message, ("x-process", "version"))


def _keep(was: Process, ref: str) -> str:
    kept = path_of(was.id, was.version)
    return (
        f"version {was.version} must be kept, for the handovers under way are judged by it:"
        f" `git show {ref}:./{path_of(was.id)} > {kept}`, and add that file ({_in_browser(path_of(was.id), kept)})."
    )


def _in_browser(former_path: str, path: str) -> str:
    return f"in the browser: copy {former_path} as the target branch has it to {path}"


def _judge_same(was: Process, now: Process, path: str, ways: tuple[str, str]) -> Iterator[Refusal]:
    """Find rules that changed although the version did not, and labels that cards would lose.

    *ways* say what to do: in full, told with the first rule, and in short, with the others of the same file.
    """
    way, way_too = ways
    for change in compare_processes(was, now):
        if change.kind:
            yield _refuse_kind(change)
        elif change.is_rule:
            yield Refusal(path, f"{change.said} {way}", change.place)
            way = way_too
    former = {stage.key: stage.label for stage in was.stages}
    for stage in now.stages:
        label = former.get(stage.key, stage.label)
        if stage.label != label and label not in stage.former_labels:
            message = (
                f"the label was {label!r}; cards that carry it would fall out of their list. Add"
                f' "x-previously": ["{label}"] to the stage `{stage.key}`, and do both in every version that is kept.'
            )
            yield Refusal(path, message, ("properties", stage.key, "x-stage", "label"))


def _refuse_kind(change: Change) -> Refusal:
    message = (
        f"{change.said} All versions of all processes share this kind, those of handovers under way too, so it never"
        f" changes, whatever the version. Put `{change.kind}` back as it was. Where a process needs something else,"
        " write that into its own schema, in a new version: a pattern, a length, a condition. Or add a new kind here,"
        " and its name to the `$ref` list of `item` or `field`."
    )
    return Refusal(_DIALECT, message, ("$defs", change.kind))


def _raise_version(was: Process, ref: str) -> tuple[str, str]:
    number, path, kept = was.version, path_of(was.id), path_of(was.id, was.version)
    way = (
        f"That is a rule, and handovers under way are judged by version {number}. Raise x-process.version to"
        f" {number + 1}, keep the present rules (`git show {ref}:./{path} > {kept}`;"
        f" {_in_browser(path, kept)}), and write `version {number + 1}` in the template “{was.template}”."
    )
    return way, f"That is a rule too, for version {number + 1}."


def _restore(was: Process, former_path: str, path: str, ref: str) -> tuple[str, str]:
    way = (
        f"Version {was.version} is kept as it was, for handovers under way are judged by it:"
        f" `git show {ref}:./{former_path} > {path}` ({_in_browser(former_path, path)})."
    )
    return way, f"That too stays as it was in version {was.version}."


def _tell(before: _Kept, after: _Kept) -> Effect:
    """Tell what changes for handovers of each version, and for those that begin from now on."""
    was, now = list(before.values())[-1][1], list(after.values())[-1][1]
    for_all = [
        change
        for version, (_, kept) in after.items()
        if version in before
        for change in compare_processes(before[version][1], kept)
    ]
    is_raised = now.version > was.version
    for_new = compare_processes(was, now) if is_raised else ()
    warnings = [
        f"Version {version} is deleted. Every open handover that says version {version} stops: its rules are gone, and"
        f" they cannot be brought back. Merge this only when no open issue says “version {version}”."
        for version in before
        if version not in after
    ]
    if now.version in after and after[now.version][0] != path_of(now.id) and before[was.version][0] == path_of(was.id):
        warnings.append(
            "This process ends: no handover of it can begin any more. Those under way are judged to their end."
        )
    remarks = []
    if is_raised and not any(change.is_rule for change in for_new):
        remarks.append(f"Version {now.version} has the rules of version {was.version}.")
    is_setup = _on_server(was) != _on_server(now)
    return Effect(now.title, tuple(dict.fromkeys(for_all)), for_new, tuple(remarks), tuple(warnings), is_setup)


def _tell_gone(process: Process, come: Sequence[str]) -> Effect:
    """Tell of a process that is gone; *come* are processes that are new: one of them may be this one, renamed."""
    warning = (
        f"This process is deleted, with all its rules. Every open handover of {process.id} stops, and cannot be judged"
        " to its end. Merge this only when none is open. To end a process and let those under way finish, rename its"
        f" schema to {path_of(process.id, process.version)}, and delete its template."
    )
    renamed = f" New here: {listed(come)}. If that is this process renamed, its rules were compared with nothing."
    return Effect(process.title, warnings=(f"{warning}{renamed if come else ''}",), is_setup=True)


_UNREAD_BEFORE = "This file could not be read in the former state, so that it cannot be compared."
_UNREAD_NOW = "This file is not sound yet: put right what is said of it, then the page tells what its change means."


def _tell_unread(path: str, said: str) -> Effect:
    return Effect(path, remarks=(said,))


def _on_server(process: Process) -> object:
    """Return what a server shows of a process: its board, its labels in order, the roles that it may wait for."""
    roles = {field.role for field in process.fields.values()}
    return process.title, [(stage.label, stage.title) for stage in process.stages], roles
