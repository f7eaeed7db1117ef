"""Pictures: lineages, timelines, the board, and the impact of corrections.

In: answers, bundles, reports. Out: text as SVG, HTML, DOT or Mermaid. It knows no store, no engine
and no network. `picture.Picture` defines what every picture can do.
"""
