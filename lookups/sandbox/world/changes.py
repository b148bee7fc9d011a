"""Changes to people in mid-run: one uninstalls an app, two become one, an ID comes to name somebody else."""

from dataclasses import dataclass, field, replace

from lookups.sandbox.world.person import Person

# An asset's ID and a scoped ID of that asset.
_Place = tuple[str, str]


@dataclass
class Changes:
    """What differs from the people as they were at first.

    `gone`: IDs that name nobody any more. `taken`: IDs that now name another person, with that person's key.
    """

    gone: set[_Place] = field(default_factory=set)
    taken: dict[_Place, str] = field(default_factory=dict)
    _people: dict[str, Person] = field(default_factory=dict)

    def clear(self) -> None:
        """Make all people as they were at first."""
        for state in (self.gone, self.taken, self._people):
            state.clear()

    def now(self, person: Person) -> Person:
        """Give a person as he is now."""
        return self._people.get(person.key, person)

    def uninstall(self, person: Person, asset_id: str) -> None:
        """Take away the person's ID in this app or Page."""
        self.gone.add((asset_id, person.ids[asset_id]))
        kept = {one: value for one, value in person.ids.items() if one != asset_id}
        self._people[person.key] = replace(person, ids=kept)

    def move(self, person: Person, asset_id: str, to: Person) -> None:
        """Give the person's ID in this app or Page to another person, who loses the one that he had there."""
        value = person.ids[asset_id]
        self.uninstall(person, asset_id)
        if asset_id in to.ids:
            self.gone.add((asset_id, to.ids[asset_id]))
        self.gone.discard((asset_id, value))
        self.taken[(asset_id, value)] = to.key
        self._people[to.key] = replace(to, ids={**to.ids, asset_id: value})

    def merge(self, person: Person, into: Person) -> None:
        """Let one person become another. Where both had an ID, either finds the latter, who shows his own only."""
        for asset_id, value in person.ids.items():
            self.taken[(asset_id, value)] = into.key
        self._people[person.key] = replace(person, ids={})
        self._people[into.key] = replace(into, ids={**person.ids, **into.ids})
