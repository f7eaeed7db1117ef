"""provstore: a data centre's memory of every data delivery, as W3C PROV."""

__version__ = "0.1.0"
