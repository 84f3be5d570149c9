"""Data the product ships: the sample clip and the tables behind scores."""
