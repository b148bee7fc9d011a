"""What we ask and learn, one model a file. `evidence` says what the rows mean, `asking` how they are asked.

May call `businesses.models` and, of `graph`, the table of edges alone: never the client, never Celery.

Begin reading with `lookup` (a question and its outcome) and `lookup_life` (its states, every way between them).
`answer`, `scoped_id`, `match` and `person` hold what is learned, `decision` what people decide; `run`, `list_file` and
`list_row` are lists. `outcomes` names what can become of a question, and the columns of each edge.

Every room above may use what is named in `__all__`, `outcomes`, what `lookup_life` and `scoped_id` name, `bulk` to
write many rows, and `long_work` for what must take long.
"""

from lookups.models.answer import Answer
from lookups.models.conflict import Conflict
from lookups.models.decision import Decision
from lookups.models.freshness_count import PROMISED_PERCENT, FreshnessCount
from lookups.models.heartbeat import BEAT, PARTS, UPKEEP, UPLOADS, Heartbeat
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
    "BEAT",
    "BY_HAND",
    "COUNTED",
    "ENDED",
    "LIVE",
    "PARTS",
    "PROMISED_PERCENT",
    "UPKEEP",
    "UPLOADS",
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
