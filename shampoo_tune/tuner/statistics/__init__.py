"""The protocol's statistics: pure functions on arrays, with numpy and scipy only."""
