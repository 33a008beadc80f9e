"""Validation: simulations with known truth, as functions that give small tables."""
