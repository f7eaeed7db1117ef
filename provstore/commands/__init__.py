"""What changes a store: reports are taken in, documents imported. No view is ever asked."""
