"""What a plan is made of: one operation, one file.

To add an operation is to add a file here with a frozen value derived from `base.Step`.
"""
