"""What happens to people in mid-run: they uninstall an app, become one, or an ID comes to name somebody else."""

from dataclasses import dataclass, field, replace

from lookups.sandbox.world.person import Person

Scoped = tuple[str, str]


@dataclass
class Changes:
    """Laid over the people as they were. `gone`: IDs that name nobody; `taken`: IDs that name another person."""

    gone: set[Scoped] = field(default_factory=set)
    taken: dict[Scoped, str] = field(default_factory=dict)
    _people: dict[str, Person] = field(default_factory=dict)

    def clear(self) -> None:
        """All people are again as they were."""
        for state in (self.gone, self.taken, self._people):
            state.clear()

    def now(self, person: Person) -> Person:
        """Give a person as he is now."""
        return self._people.get(person.key, person)

    def uninstall(self, person: Person, scope: str) -> None:
        """His ID in this app or Page vanishes."""
        self.gone.add((scope, person.ids[scope]))
        kept = {one: value for one, value in person.ids.items() if one != scope}
        self._people[person.key] = replace(person, ids=kept)

    def move(self, person: Person, scope: str, to: Person) -> None:
        """His ID in this app or Page names another person from now on, who loses the one he had there."""
        value = person.ids[scope]
        self.uninstall(person, scope)
        if scope in to.ids:
            self.gone.add((scope, to.ids[scope]))
        self.gone.discard((scope, value))
        self.taken[(scope, value)] = to.key
        self._people[to.key] = replace(to, ids={**to.ids, scope: value})

    def merge(self, person: Person, into: Person) -> None:
        """Two people become one. Where both had an ID, either is taken and only the remaining person's is told."""
        for scope, value in person.ids.items():
            self.taken[(scope, value)] = into.key
        self._people[person.key] = replace(person, ids={})
        self._people[into.key] = replace(into, ids={**person.ids, **into.ids})
