"""The sandbox's world, and what people do in it through GitLab's page, with the traces that leaves."""

from __future__ import annotations

import re
from collections.abc import Sequence

from automation.sandbox import note_changes, rights
from automation.sandbox.installation import Installation
from automation.sandbox.issue_changes import create_issue, update_issue
from automation.sandbox.model import Issue, IssueEdit, Note, Upload, User
from automation.sandbox.places import ProjectLike, UserLike
from automation.sandbox.refusals import refuse_absent, refuse_no_record

_TASK_LINE = re.compile(r"(?P<head>\s*(?:>\s*)*(?:(?:[-+*]|\d+[.)])\s+)+)\[(?P<box>[ xX])\](?P<text>(?:\s.*)?)")


def parse_box(line: str) -> re.Match[str] | None:
    """Return the parts of a line whose box can be turned: `head`, `box`, `text`; None for any other line."""
    return _TASK_LINE.fullmatch(line)


class World(Installation):
    """People and places, what is installed there, and issues.

    Each act in an issue is done by a named person and follows the rules of the page.

    What that person may not do raises `RefusedError`; an unknown box, person or place `LookupError`.
    """

    def create_issue(
        self,
        project: ProjectLike,
        author: UserLike,
        title: str,
        description: str = "",
        labels: Sequence[str] = (),
        assignee: UserLike | None = None,
    ) -> Issue:
        """Create an issue as *author*."""
        with self.lock:
            known, person = self.project(project), self.user(author)
            if not rights.may_read_project(self.read_level(known, person), known.visibility, True):
                raise refuse_absent("Project")
            assignees = None if assignee is None else (self.user(assignee).id,)
            edit = IssueEdit(title=title, description=description, add_labels=tuple(labels), assignee_ids=assignees)
            return create_issue(self, known, person, edit)

    def issue(self, project: ProjectLike, iid: int) -> Issue:
        """Return the issue as it is now."""
        with self.lock:
            found = self.issues.get(self.project(project).id, {}).get(iid)
            if found is None:
                raise refuse_no_record()
            return found

    def read_as(self, project: ProjectLike, iid: int, reader: UserLike) -> Issue:
        """Return the issue as *reader* finds it; refused when he may not see it."""
        with self.lock:
            return self._come_to(project, iid, reader)[1]

    def edit_issue(self, project: ProjectLike, iid: int, by: UserLike, edit: IssueEdit) -> Issue:
        """Change an issue in any way its page allows."""
        with self.lock:
            person, issue = self._come_to(project, iid, by)
            return update_issue(self, self.project(project), person, issue, edit)

    def edit_description(self, project: ProjectLike, iid: int, by: UserLike, text: str) -> Issue:
        """Save a new description: this writes one note a tick, or "changed the description"."""
        return self.edit_issue(project, iid, by, IssueEdit(description=text))

    def tick(self, project: ProjectLike, iid: int, code: str, by: UserLike) -> Issue:
        """Tick the box whose text begins with the step *code*, as in `2.1`."""
        return self._set_box(project, iid, code, by, "x")

    def untick(self, project: ProjectLike, iid: int, code: str, by: UserLike) -> Issue:
        """Take the tick off the box whose text begins with *code*."""
        return self._set_box(project, iid, code, by, " ")

    def set_field(self, project: ProjectLike, iid: int, label: str, value: str, by: UserLike) -> Issue:
        """Write *value* into the line `- **Label:** ...`."""
        with self.lock:
            lines = (self.issue(project, iid).description or "").split("\n")
            head = f"- **{label}:**"
            for number, line in enumerate(lines):
                if line.strip().startswith(head):
                    lines[number] = f"{line[: line.index(head)]}{head} {value}".rstrip()
                    return self.edit_description(project, iid, by, "\n".join(lines))
            raise LookupError(f"no field {label!r} in issue {iid}")

    def tick_line(self, project: ProjectLike, iid: int, by: UserLike, number: int, line: str) -> Issue:
        """Turn the box in line *number* (from 1) as the page does: *line* must still be what stands there.

        Raises:
            LookupError: the line has changed or holds no box, so the page is stale.
        """
        with self.lock:
            lines = (self.issue(project, iid).description or "").split("\n")
            found = parse_box(line)
            if found is None or not 1 <= number <= len(lines) or lines[number - 1] != line:
                raise LookupError("Someone edited this issue at the same time. Reload the page and try again.")
            symbol = " " if found["box"] in "xX" else "x"
            lines[number - 1] = f"{found['head']}[{symbol}]{found['text']}"
            return self.edit_description(project, iid, by, "\n".join(lines))

    def move_card(self, project: ProjectLike, iid: int, by: UserLike, remove: str = "", add: str = "") -> Issue:
        """Drag a card from one label's column to another's."""
        edit = IssueEdit(add_labels=(add,) if add else (), remove_labels=(remove,) if remove else ())
        return self.edit_issue(project, iid, by, edit)

    def close(self, project: ProjectLike, iid: int, by: UserLike) -> Issue:
        """Close the issue."""
        return self.edit_issue(project, iid, by, IssueEdit(state_event="close"))

    def reopen(self, project: ProjectLike, iid: int, by: UserLike) -> Issue:
        """Reopen the issue."""
        return self.edit_issue(project, iid, by, IssueEdit(state_event="reopen"))

    def comment(
        self, project: ProjectLike, iid: int, by: UserLike, body: str, is_internal: bool = False
    ) -> Note | None:
        """Comment; None when *body* holds nothing but quick actions, which are carried out."""
        with self.lock:
            person, issue = self._come_to(project, iid, by)
            known = self.project(project)
            return note_changes.create_note(self, known, person, issue, body, is_internal).note

    def edit_comment(self, project: ProjectLike, iid: int, note_id: int, by: UserLike, body: str) -> Note | None:
        """Change a comment; None when only quick actions were left and it is gone."""
        with self.lock:
            person, issue = self._come_to(project, iid, by)
            note = self.notes[issue.id][note_id]
            return note_changes.update_note(self, self.project(project), person, issue, note, body).note

    def delete_comment(self, project: ProjectLike, iid: int, note_id: int, by: UserLike) -> None:
        """Delete a comment."""
        with self.lock:
            person, issue = self._come_to(project, iid, by)
            note_changes.delete_note(self, self.project(project), person, issue, self.notes[issue.id][note_id])

    def list_notes(self, project: ProjectLike, iid: int) -> tuple[Note, ...]:
        """Return comments and system notes, oldest first."""
        with self.lock:
            return tuple(self.notes.get(self.issue(project, iid).id, {}).values())

    def list_files(self, project: ProjectLike) -> tuple[Upload, ...]:
        """Return the files that were uploaded to the project, oldest first, linked to or not."""
        with self.lock:
            return tuple(self.list_uploads(self.project(project)))

    def list_titles(self, project: ProjectLike, iid: int) -> tuple[str, ...]:
        """Return the titles of the issue's labels, sorted."""
        with self.lock:
            return tuple(sorted(self.labels[each].title for each in self.issue(project, iid).label_ids))

    def _set_box(self, project: ProjectLike, iid: int, code: str, by: UserLike, symbol: str) -> Issue:
        with self.lock:
            text = self.issue(project, iid).description or ""
            for number, line in enumerate(text.split("\n"), 1):
                found = parse_box(line)
                words = found["text"].lstrip(" *_`").split(maxsplit=1) if found else []
                if found and words and words[0].rstrip("*_`") == code:
                    if (found["box"] in "xX") == (symbol == "x"):
                        raise LookupError(
                            f"box {code} of issue {iid} is {'ticked' if symbol == 'x' else 'open'} already"
                        )
                    return self.tick_line(project, iid, by, number, line)
            raise LookupError(f"no box {code} in issue {iid}")

    def _come_to(self, project: ProjectLike, iid: int, by: UserLike) -> tuple[User, Issue]:
        """Return the person and the issue that he has before him, if he may see it."""
        known, person, issue = self.project(project), self.user(by), self.issue(project, iid)
        level = self.read_level(known, person)
        if not rights.may_read_project(level, known.visibility, True):
            raise refuse_absent("Project")
        if not rights.may_read_issue(level, person.id, issue):
            raise refuse_no_record()
        return person, issue
