"""Sources of products: whole transactions of several products, brought into one private log."""
