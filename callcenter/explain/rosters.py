"""Who belongs to which queue, kept until the directory is read anew."""

from callcenter.people.directory import Directory

Roster = tuple[tuple[int, str | None], ...]  # (user id, extension)


class Rosters:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._seen: object = None  # the directory's queues, which each reading replaces
        self._rosters: dict[str, Roster] = {}

    def of(self, queue: str) -> Roster:
        """The people whose calls those are; the calls of most queues ask only for the first."""
        if self._seen is not self._directory.queues:
            self._seen = self._directory.queues
            self._rosters = {}
        if queue not in self._rosters:
            people = self._directory.people()
            mine = [each for each in people if queue in self._directory.queues_of(each)]
            self._rosters[queue] = tuple((each.id, each.extension) for each in mine)
        return self._rosters[queue]
