"""How large a product's documents get, and how many of them one changed row touches.

`questions` says what to ask of a model, `queries` says it in SQL, `estimates` answers from
statistics where a table is too large to count, and `asking` asks the database.
"""
