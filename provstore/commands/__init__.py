"""The commands, which change a store: they take reports and import documents. They use no view."""
