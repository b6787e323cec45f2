"""The catalog: what the mesh knows of its products, in a SQL database."""
