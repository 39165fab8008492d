"""Formulas that are planted and learned: how exactly cross networks find the products in them."""
