"""The vocabulary that every part of CordGraph shares; standard library only."""
