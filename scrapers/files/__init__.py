"""Files that notices link to: which are read, their text in a process that may die, and what of it a message can hold."""
