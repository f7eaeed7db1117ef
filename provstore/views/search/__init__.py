"""The search view: bundles in, an index of words; words in, what holds them, the best first."""

from provstore.views.search.search_view import SearchView as SearchView
