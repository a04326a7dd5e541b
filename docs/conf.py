"""How Sphinx builds the pages; nothing here asks the network."""

from importlib.metadata import version

project = "eventkit"
copyright = "the eventkit contributors"  # noqa: A001 - Sphinx wants this name
release = version("eventkit-core")

extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
autodoc_class_signature = "mixed"
autodoc_preserve_defaults = True

html_theme = "furo"
html_title = "eventkit"
html_copy_source = False
html_show_sphinx = False
