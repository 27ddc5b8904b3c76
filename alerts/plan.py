"""The planner: gives alerts to groups, and looks at the groups whose time has come. It decides; it sends nothing itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from redis.asyncio import Redis
from redis.asyncio.lock import Lock

from alerts.deliver import Receiver, delivery
from alerts.join import join, members
from alerts.ledger import OUTBOX_LIMIT, Claim, outbox
from alerts.ledger.fence import LeaseLost
from alerts.ledger.groups import Change, GroupStore
from alerts.routes import Routing
from alerts.stages.flush import Flushed, World, flush
from alerts.stages.group import Group
from alerts.stages.parcel import Parcel
from alerts.stages.route import Way
from events.clock import Clock
from events.messages import Alert, AlertStatus, Delivery, Reason, Step

log = structlog.get_logger()
ARRIVALS = 500
GROUPS_AT_ONCE = 100
LEASE_SECONDS = 15.0
"""A process that died keeps others from deciding for no longer than this; one that lives renews it with every decision."""


class Planner:
    """What decides who is told what. Any number of processes may have one: a lease lets one decide at a time."""

    def __init__(
        self,
        redis: Redis,
        clock: Clock,
        receivers: Sequence[Receiver],
        routing: Routing,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._redis = redis
        self._clock = clock
        self._receivers = {receiver.id: receiver for receiver in receivers}
        self._routing = routing
        self._store = GroupStore(redis)
        self._listens_until = clock.now() + timedelta(seconds=routing.settle)
        self.lease: Lock = self._store.lease(lease_seconds)

    async def take_in(self, alerts: Sequence[Alert]) -> None:
        """Keep alerts as they are known now; `step` groups them."""
        holds = {alert.alert_id: until for alert in alerts if (until := self._holds(alert)) is not None}
        await self._store.take_in(alerts, holds, self._clock.now())

    async def step(self, go_on: Callable[[], Awaitable[bool]]) -> frozenset[str]:
        """Decide everything that can be decided now. Returns the receivers that have something new in their outbox."""
        told: set[str] = set()
        try:
            while await self._held() and await go_on():
                arrived = await self._store.arrived(ARRIVALS)
                if arrived:
                    await self._group(arrived)
                    continue
                due = [] if self._clock.now() < self._listens_until else await self._due()
                if not due:
                    break
                told |= await self._look(due)
        except LeaseLost:
            log.warning("alerts.lease_lost", remedy="none needed: another process decides")
        return frozenset(told)

    async def wait_seconds(self) -> float | None:
        """Seconds of the clock until a group's time comes; None while there is none."""
        due = await self._store.next_due()
        if due is None:
            return None
        return max(0.0, max(due, self._listens_until.timestamp()) - self._clock.now().timestamp())

    async def _held(self) -> bool:
        if await self.lease.owned():
            return bool(await self.lease.reacquire())
        return bool(await self.lease.acquire())

    async def _due(self) -> list[Group]:
        return await self._store.due(self._clock.now(), GROUPS_AT_ONCE)

    def _holds(self, alert: Alert) -> float | None:
        """Until when the alert may inhibit others; None where it cannot."""
        if alert.status is AlertStatus.RESOLVED:
            return None
        if alert.standing:
            return float("inf")
        longest = max((rule.fact_holds for rule in self._routing.inhibitions), default=0.0)
        until = alert.raised_at.timestamp() + longest
        return until if until > self._clock.now().timestamp() else None

    async def _group(self, ids: Sequence[str]) -> None:
        """Give alerts that arrived to their groups."""
        now = self._clock.now()
        alerts = list((await self._store.alerts(ids)).values())
        routed = {alert.alert_id: self._ways(alert) for alert in alerts}
        ways = await self._unqueued(alerts, routed)
        pairs = [(alert, way) for alert in alerts for way in ways[alert.alert_id]]
        groups = await self._store.groups(list(dict.fromkeys(way.group_key(alert) for alert, way in pairs)))
        delivered = await self._store.delivered([(alert.alert_id, way.receiver) for alert, way in pairs])
        silences = await self._store.silences()
        changed: dict[str, Group] = {}
        inside = members(groups)
        steps: list[tuple[str, Step]] = []
        records: list[Delivery] = []
        for alert in alerts:
            if not routed[alert.alert_id]:
                steps.append((alert.alert_id, Step(at=now, stage="route", said="no route leads to anybody")))
            for found in join(alert, ways[alert.alert_id], groups, inside, delivered, silences, now):
                stage = "silence" if found.suppressed else "route"
                steps.append((alert.alert_id, Step(at=now, stage=stage, said=found.said, receiver=found.way.receiver)))
                if found.group is not None:
                    key = found.group.key
                    groups[key] = changed[key] = found.group
                    inside.setdefault(key, set()).add(alert.alert_id)
                elif found.suppressed:
                    records.append(self._suppressed(found.way.receiver, found.way, alert, found.said, now))
        change = Change(groups=list(changed.values()), records=records, steps=steps, taken=len(ids))
        await self._store.commit(self.lease, change, now)

    async def _unqueued(self, alerts: Sequence[Alert], routed: Mapping[str, list[Way]]) -> dict[str, list[Way]]:
        """The ways on which nothing stands yet: the topic may give an alert again before the receiver has answered.

        Asked before what was delivered: a message that is taken out of its outbox in between is found there.
        """
        queued = await self._store.queued([(a, way.receiver) for a in alerts for way in routed[a.alert_id]])
        return {i: [way for way in ways if (i, way.receiver) not in queued] for i, ways in routed.items()}

    def _ways(self, alert: Alert) -> list[Way]:
        """Who is told by the routes, and has not said in the receivers file that they do not want it."""
        known = (way for way in self._routing.tree.targets(alert) if way.receiver in self._receivers)
        return [way for way in known if self._receivers[way.receiver].wanted.wants(alert)]

    async def _look(self, due: Sequence[Group]) -> set[str]:
        """Look at groups, one after another; each decision is written before the next is made."""
        now = self._clock.now()
        world = World(
            now=now,
            alerts={},
            holding=await self._store.holding(now),
            inhibitions=self._routing.inhibitions,
            silences=await self._store.silences(),
            acked=await self._store.acked(),
            times=self._routing.times,
        )
        told: set[str] = set()
        for group in due:
            way = self._routing.tree.way(group.route, group.receiver)
            if way is None or group.receiver not in self._receivers:
                await self._store.commit(self.lease, self._orphaned(group, now), now)
                continue
            mine = replace(
                world,
                alerts=await self._store.alerts(member.alert_id for member in group.members),
                ended_told=await self._store.ended_told(group.receiver),
                sent_at=await self._store.sent_at(group.receiver),
            )
            flushed = flush(group, way, mine)
            await self._store.commit(self.lease, await self._change(group, way, flushed, now), now)
            if flushed.parcels:
                told.add(group.receiver)
        return told

    async def _change(self, group: Group, way: Way, flushed: Flushed, now: datetime) -> Change:
        room = max(0, OUTBOX_LIMIT - int(await self._redis.zcard(outbox(group.receiver))))
        receiver = self._receivers[group.receiver]
        records = [self._suppressed(group.receiver, way, alert, why, now) for alert, why in flushed.suppressed]
        for parcel in flushed.parcels[room:]:
            full = "the outbox is full"
            records += [delivery(parcel, receiver, n, Claim(), "failed", full, now) for n in range(len(parcel.alerts))]
        return Change(
            groups=[flushed.group] if flushed.group else [],
            gone=[] if flushed.group else [group.key],
            parcels=flushed.parcels[:room],
            records=records,
            steps=[
                (s.alert_id, Step(at=now, stage=s.stage, said=s.text, receiver=group.receiver)) for s in flushed.steps
            ],
            sent_at={group.receiver: flushed.sent_at} if flushed.sent_at is not None else None,
        )

    def _orphaned(self, group: Group, now: datetime) -> Change:
        """The route or the receiver is gone from the files: what waited is routed anew, as if it had just arrived."""
        waiting = [member.alert_id for member in group.members if not member.told]
        said = f"route {group.route} or receiver {group.receiver} is no longer in the files: routed anew"
        steps = [(i, Step(at=now, stage="route", said=said, receiver=group.receiver)) for i in waiting]
        return Change(gone=[group.key], steps=steps, again=waiting)

    def _suppressed(self, receiver: str, way: Way, alert: Alert, why: str, now: datetime) -> Delivery:
        # What holds for a time may come back, and may be kept back again: each time is a record of its own.
        since = f":{alert.raised_at.isoformat()}" if alert.standing else ""
        ident = f"{way.route}:{receiver}:{alert.alert_id}{since}"
        parcel = Parcel(message_id=ident, receiver=receiver, alerts=(alert,), route=way.route, reason=Reason.FIRST)
        return delivery(parcel, self._receivers[receiver], 0, Claim(), "suppressed", why, now)
