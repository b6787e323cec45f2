"""Governance as code: policies in SQL, judged over views of what the mesh is about to be."""
