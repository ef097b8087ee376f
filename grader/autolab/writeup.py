"""The statement as a page: Autolab shows a write-up in the browser if its name ends in .html or .pdf."""

from __future__ import annotations

import html

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ max-width: 50rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 sans-serif; }}
pre, code {{ font: 0.9rem/1.4 monospace; background: #f4f4f4; }}
pre {{ padding: 0.5rem 1rem; overflow-x: auto; }}
table {{ border-collapse: collapse; }}
th, td {{ border: 1px solid #ccc; padding: 0.2rem 0.6rem; text-align: left; vertical-align: top; }}
</style>
</head>
<body>
{body}</body>
</html>
"""


def page(title: str, statement: str) -> str:
    """Return an HTML page of its own, without scripts, from a statement in Markdown (CommonMark,
    and tables).
    """
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(statement)
    return _PAGE.format(title=html.escape(title), body=body)
