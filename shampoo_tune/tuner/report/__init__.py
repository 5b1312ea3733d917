"""Every view of a group, for people: view data, their drawings, and the documents made of them.

A view is a function from study data to a frozen dataclass; `plain.py` gives its JSON form and
`drawing/` its SVG, so that a document, a page and an interface show the same numbers.
"""
