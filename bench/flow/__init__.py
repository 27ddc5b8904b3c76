"""How much one small machine pushes through, side by side with what a user would pick instead.

Every contender is a process of its own that reads the same notices from the same broker and says what it cost. The whole
path is the real worker (``medpulse run worker``); the peers do the same job with the same pure functions, as their manuals
write it, and leave out what they would have to build: sightings, copies, texts, the topics of events and metrics.
"""
