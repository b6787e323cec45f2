"""Desired against observed: the steps between them, their explanation, and doing them."""
