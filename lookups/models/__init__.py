"""What we ask and learn, one model a file."""

from lookups.models.answer import Answer
from lookups.models.heartbeat import Heartbeat
from lookups.models.lookup import Lane, Lookup, Question, State
from lookups.models.match import Match
from lookups.models.person import Person
from lookups.models.person_event import PersonEvent
from lookups.models.policy_review import PolicyReview
from lookups.models.profile import Profile
from lookups.models.quota_pool import QuotaPool
from lookups.models.run import Run
from lookups.models.scoped_id import ScopedID

__all__ = [
    "Answer",
    "Heartbeat",
    "Lane",
    "Lookup",
    "Match",
    "Person",
    "PersonEvent",
    "PolicyReview",
    "Profile",
    "Question",
    "QuotaPool",
    "Run",
    "ScopedID",
    "State",
]
