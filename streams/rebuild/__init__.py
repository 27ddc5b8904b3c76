"""The view made again from Kafka, beside the live one, and put in its place."""
