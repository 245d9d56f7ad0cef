"""What the tests of the sandbox read again and again."""


def notes_of(project, iid=1):
    """Return the bodies of all notes, oldest first."""
    return [note.body for note in project.issues.get(iid, lazy=True).notes.list(get_all=True, sort="asc")]


def events_of(project, iid=1):
    """Return the label events after those of the creation: action and title."""
    issue = project.issues.get(iid, lazy=True)
    return [(event.action, event.label["name"]) for event in issue.resourcelabelevents.list(get_all=True)]
