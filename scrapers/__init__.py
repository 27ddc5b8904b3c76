"""Sites to notices: fetch, archive, parse, schedule."""
