"""The results of a store: answers, receipts, search results, data frames, HTML tables."""
