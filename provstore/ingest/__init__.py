"""The life of a delivery: its steps, its forms, and what is written down of them. Pure."""
