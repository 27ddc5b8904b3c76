"""The partition of a key is the one that Kafka's own clients choose."""

from __future__ import annotations

from aiokafka import partitioner
from hypothesis import example, given
from hypothesis import strategies as st

from events.partitioner import murmur2, partition


@given(st.binary(max_size=64))
@example("approval:国械注准20223210001".encode())
def test_a_key_goes_where_every_other_client_sends_it(key: bytes) -> None:
    assert murmur2(key) == partitioner.murmur2(key)
    for many in (1, 4, 7):
        every = list(range(many))
        assert partition(key, every, every) == partitioner.DefaultPartitioner()(key, every, every)


def test_what_has_no_key_goes_where_there_is_a_leader() -> None:
    assert partition(None, [0, 1, 2], [2]) == 2
    assert partition(None, [1], []) == 1
