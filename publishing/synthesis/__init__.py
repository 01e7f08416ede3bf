"""A made-up inventory with the shape of a real one, for demonstrations and tests."""
