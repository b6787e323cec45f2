"""How a product reaches those who use it; for now, as JSON lines on a terminal."""
