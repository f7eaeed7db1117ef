"""Colours for queries: what Pygments' lexers of Cypher and SPARQL do not know yet.

In: the text of a query. Out: its tokens. Without this, parameters and operators look like errors.
"""

from typing import ClassVar

from pygments.lexer import inherit
from pygments.lexers.graph import CypherLexer
from pygments.lexers.rdf import SparqlLexer
from pygments.token import Name, Operator


class ParameterCypherLexer(CypherLexer):
    """Cypher with `$parameters` and all operators."""

    tokens: ClassVar = {
        "root": [(r"\$\w+", Name.Variable), (r"=~|[-+*/%^~|&!]", Operator), inherit],
    }


class PathSparqlLexer(SparqlLexer):
    """SPARQL with the operators of property paths."""

    tokens: ClassVar = {"root": [(r"[|^/*+?!](?![\w])|[|^]", Operator), inherit]}
