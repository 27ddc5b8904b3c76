"""Notices to events, events to series: the Faust agents and the pure functions inside them."""
