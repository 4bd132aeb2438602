"""How the drawn pets are drawn: animals, coats, scenes, light. ``pairs`` puts them together."""
