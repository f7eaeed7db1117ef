"""What a store gives back: answers, receipts, search results, data frames, HTML tables."""
