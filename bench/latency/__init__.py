"""From the moment at which a page shows a row to the Slack-like server's receipt, the wait for the poll taken out."""
