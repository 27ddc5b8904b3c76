"""What waits, what is being tried and what came of it, in Redis: nothing leaves the queue without a record."""

from alerts.ledger.book import Claim, Due, Ledger, Pause
from alerts.ledger.keys import OUTBOX_LIMIT, field, outbox

__all__ = ["OUTBOX_LIMIT", "Claim", "Due", "Ledger", "Pause", "field", "outbox"]
