"""Pictures of what is known: lineages, timelines, the board, what a correction reaches.

In: answers, bundles, reports. Out: text: SVG, pages of HTML, DOT, Mermaid. Pure; it knows no
store, no engine, no network. `picture.Picture` says what every picture can do.
"""
