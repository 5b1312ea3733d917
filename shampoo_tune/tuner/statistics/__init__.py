"""The protocol's statistics: pure functions on arrays, with numpy and scipy only.

`scipy.stats` is named in full wherever it is used: it is imported there and then, which takes half
a second.
"""
