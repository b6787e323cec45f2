"""Notices: what is told to those who use a version that ends, and what they answer."""
