"""Scores of learned representations against known factors of variation."""
