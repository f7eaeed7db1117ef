"""A bundle ⇄ the rows of a labelled property graph. Pure; knows no engine."""
