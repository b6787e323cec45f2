"""What a database's migration means for the products made of it."""
