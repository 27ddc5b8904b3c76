"""The contract: what the rooms of medpulse say to one another, on Kafka and in Redis."""
