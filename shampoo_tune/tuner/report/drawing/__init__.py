"""View data as SVG: own primitives, no script, no style of its own but class names."""
