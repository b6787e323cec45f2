"""Kills, freezes, damage and restored topics, and what consumers saw afterwards.

python -m chaos [FAULT …]      # all when none is named; SIZE=ci|large
"""
