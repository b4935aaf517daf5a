"""The language server: what an editor shows of a spec while it is written.

Everything about clauses comes from the registry (`seatrial.dsl.forms`), so that a new clause is completed, explained
and coloured without a change here.
"""
