"""Drawing that several screens share. No logic of its own, no access to a door."""
