"""What lies on the default branch, and what people are offered: is it what this checkout says?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from automation.core.doctor.check import Check, broken, fine, hidden, listing
from automation.core.installation import ProjectFacts, Seen, Unseen
from automation.core.words import quote

TEMPLATES = ".gitlab/issue_templates/"
_DEFAULT = "default"
_GENERAL = "Settings › General › Default description template for issues"


def judge_files(branch: str, here: Mapping[str, str], there: Mapping[str, Seen[str | None]]) -> tuple[Check, ...]:
    """Compare files of this checkout with those of the default branch, by path; line ends do not count.

    Templates in one line, what the rules and the pipeline say in another.
    """
    templates = [path for path in here if path.startswith(TEMPLATES)]
    rules = [path for path in here if not path.startswith(TEMPLATES)]
    return (
        *_judge_some("template-files", "issue templates", branch, templates, here, there),
        *_judge_some("rule-files", "files of rules, people and pipeline", branch, rules, here, there),
    )


def _judge_some(
    name: str,
    what: str,
    branch: str,
    paths: Sequence[str],
    here: Mapping[str, str],
    there: Mapping[str, Seen[str | None]],
) -> Iterator[Check]:
    if not paths or not branch:
        return
    unseen = next((each for path in paths if isinstance(each := there[path], Unseen)), None)
    if unseen is not None:
        yield hidden(name, "Repository", f"The {what} on the branch {quote(branch)}", unseen)
        return
    missing = [path for path in paths if there[path] is None]
    other = [path for path in paths if path not in missing and _plain(here[path]) != _plain(str(there[path]))]
    if missing:
        told = f"Not on the branch {quote(branch)}: {listing(map(_short, missing))}."
        yield broken(name, "Repository", told, "Bring them there by merge request.")
    if other:
        told = f"Other texts on the branch {quote(branch)} than here: {listing(map(_short, other))}."
        repair = f"git fetch && git diff origin/{branch}: pull what is newer there, bring there what is newer here."
        yield broken(name, "Repository", told, repair)
    if not missing and not other:
        yield fine(name, "Repository", f"The {what} ({len(paths)}) on the branch {quote(branch)} are those of here.")


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def _short(path: str) -> str:
    return quote(path.removeprefix(TEMPLATES))


# --- what a new issue begins with -------------------------------------------------------------------------------------


def judge_offer(
    facts: ProjectFacts,
    here: Mapping[str, str],
    process_templates: Sequence[str],
    offered: Seen[tuple[str, ...]],
    chosen: Mapping[str, Seen[str | None]],
    there: Mapping[str, Seen[str | None]],
) -> tuple[Check, ...]:
    """Judge what people get who open a new issue: nothing may hide our templates (facts, section 5.1).

    *process_templates* are paths of *here*. *offered* are the names that the server offers, one for each place that
    has it; *chosen* the texts that people get of names offered twice. *there* are texts of the default branch by path,
    that of a default template too.
    """
    found = [*_judge_setting(facts), *_judge_default(facts.default_branch, here, there, process_templates, offered)]
    if isinstance(offered, Unseen):
        return (*found, hidden("offered-templates", "Repository", "The templates that people are offered", offered))
    found += _judge_twins(here, process_templates, chosen)
    names = {each.casefold() for each in offered}
    on_branch = [each for each in process_templates if there.get(each) is not None]
    missing = [each for each in on_branch if name_of(each).casefold() not in names]
    if missing and facts.default_branch:
        told = f"People are not offered the templates {listing(map(_short, missing))}, which are on the branch."
        repair = "Wait a minute and look again: GitLab keeps the list for a while."
        found.append(broken("offered-templates", "Repository", told, repair))
    if not any(each.state == "repair" for each in found):
        found.append(fine("offered-templates", "Repository", "Nothing hides our templates from who opens an issue."))
    return tuple(found)


def name_of(path: str) -> str:
    """Return the name under which GitLab offers the template at *path*."""
    return path.removeprefix(TEMPLATES).removesuffix(".md")


def _judge_setting(facts: ProjectFacts) -> Iterator[Check]:
    if facts.default_template.strip():
        told = f"A setting fills every new issue with its own text ({quote(facts.default_template)}) in place of ours."
        yield broken("default-template", "Repository", told, f"{_GENERAL}: empty it.")


def find_default(paths: Iterable[str]) -> str:
    """Return the path of a template called Default, whatever its case; "" where there is none."""
    return next((each for each in paths if each.startswith(TEMPLATES) and name_of(each).casefold() == _DEFAULT), "")


def _judge_default(
    branch: str,
    here: Mapping[str, str],
    there: Mapping[str, Seen[str | None]],
    process_templates: Sequence[str],
    offered: Seen[tuple[str, ...]],
) -> Iterator[Check]:
    """Judge a template called Default: every new issue begins with it, unless somebody chooses another."""
    ours, on_branch = find_default(here), find_default(path for path, text in there.items() if isinstance(text, str))
    if ours in process_templates:
        yield fine("default-template", "Repository", f"Every new issue begins with {_short(ours)}, a process of ours.")
    elif ours:
        told = f"Every new issue begins with {_short(ours)}, which belongs to no process: nobody would judge it."
        repair = f"Delete {ours}, or rename it, so that people choose a process."
        yield broken("default-template", "Repository", told, repair)
    elif on_branch:
        told = f"Every new issue begins with {_short(on_branch)} of the branch {quote(branch)}, which is not here."
        repair = f"git pull; then delete {on_branch} by merge request, or rename it, so that people choose a process."
        yield broken("default-template", "Repository", told, repair)
    elif not isinstance(offered, Unseen) and any(each.casefold() == _DEFAULT for each in offered):
        told = "A default template of a group above, or of the server, fills every new issue and hides ours."
        repair = "In the group: Settings › General › Templates names the project; there rename Default.md."
        yield broken("default-template", "Repository", told, repair)


def _judge_twins(
    here: Mapping[str, str], process_templates: Sequence[str], chosen: Mapping[str, Seen[str | None]]
) -> Iterator[Check]:
    """Find templates of groups above that go by the name of one of ours and say something else."""
    for path in process_templates:
        text = chosen.get(name_of(path))
        if isinstance(text, str) and _plain(text) != _plain(here[path]):
            told = f"A group above offers a template {_short(path)} too, and people get its text, not ours."
            repair = "In the group: Settings › General › Templates names the project; rename the template there."
            yield broken("offered-templates", "Repository", told, repair)
