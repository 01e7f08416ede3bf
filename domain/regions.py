"""Regions above the level of a bank, for tables that must not stand for one bank."""

from enum import StrEnum


class Region(StrEnum):
    """NORTH and SOUTH are made of whole banks; NATION is all banks, also those of neither part.

    Which bank belongs where is reference data (``open.bank.region``), not code.
    """

    NORTH = "NORTH"
    SOUTH = "SOUTH"
    NATION = "NATION"


PARTS = (Region.NORTH, Region.SOUTH)
"""The regions that the nation is divided into."""
