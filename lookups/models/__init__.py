"""The models for what we ask and learn, one model a file."""

from lookups.models.answer import Answer
from lookups.models.conflict import Conflict
from lookups.models.decision import Decision
from lookups.models.freshness_count import PROMISED_PERCENT, FreshnessCount
from lookups.models.heartbeat import Heartbeat
from lookups.models.list_file import ListFile
from lookups.models.list_row import ListRow
from lookups.models.lookup import Lookup
from lookups.models.lookup_life import Ending, HeldFor, Lane, Question, State
from lookups.models.match import BY_HAND, LIVE, Match, MatchEvent, MatchState
from lookups.models.person import Person
from lookups.models.person_event import MovedID, PersonEvent
from lookups.models.policy_review import PolicyReview
from lookups.models.profile import Profile
from lookups.models.quota_pool import QuotaPool
from lookups.models.run import COUNTED, ENDED, Run
from lookups.models.scoped_id import ScopedID

__all__ = [
    "BY_HAND",
    "COUNTED",
    "ENDED",
    "LIVE",
    "PROMISED_PERCENT",
    "Answer",
    "Conflict",
    "Decision",
    "Ending",
    "FreshnessCount",
    "Heartbeat",
    "HeldFor",
    "Lane",
    "ListFile",
    "ListRow",
    "Lookup",
    "Match",
    "MatchEvent",
    "MatchState",
    "MovedID",
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
