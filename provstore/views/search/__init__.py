"""The search view: an index of the words in all bundles."""

from provstore.views.search.search_view import SearchView as SearchView
