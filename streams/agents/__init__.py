"""The agents' bodies: each reads messages as they came, and does their effect; it returns only when that is done.

They know nothing of Faust: the same body runs under an agent and under the plain loop of `events.consume`.
"""
