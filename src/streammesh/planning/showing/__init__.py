"""A plan as people read it: `rows` says what is shown, `layout` where on the line it stands."""
