"""Dead letters as an operator sees them: listed, shown, tried again where they failed, or dropped."""
