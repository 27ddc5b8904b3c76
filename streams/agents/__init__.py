"""The agents' bodies: each takes messages as they were read, does its effect, and returns only when it is done.

They know nothing of Faust: the same body runs under an agent and under the plain loop of `events.kafka.consume`.
"""
