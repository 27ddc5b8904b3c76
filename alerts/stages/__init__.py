"""The stages between an alert and its message, one small pure file each, in their order.

inhibit → silence → active times → route → group → dedupe → throttle; then `alerts.deliver` sends and records.
"""

from alerts.stages.wanted import ALL, LONGEST_WAIT_SECONDS, Wanted, wait_seconds

__all__ = ["ALL", "LONGEST_WAIT_SECONDS", "Wanted", "wait_seconds"]
