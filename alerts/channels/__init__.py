"""The ways to people. One folder each; each has one method, `alerts.channels.channel.Channel.send`."""
