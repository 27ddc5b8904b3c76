"""What a person knows and writes into a table: rounds of financing, and clearances by registers outside China."""
