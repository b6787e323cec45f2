"""The demo: a real mesh on this machine, a shop that keeps it busy, and a proof that all agrees."""
