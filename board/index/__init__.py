"""What the board can look up fast: an index of the view in SQLite, made from Redis and kept up with it.

`words` cuts text, `rows` takes an event apart, `database` holds the tables, `follow` keeps them equal to the view.
"""
