"""Figures as files, and as part of a page that is light or dark."""

import io
import re
import zlib
from html import escape

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from tuner.plots import ACCENT, INK, MUTED, PAPER, SECOND, SERIES, STYLE
from tuner.words import printable

PNG_DPI = 160
NOT_TOLD = ("Date", "Creator", "Format", "Type")  # so that equal figures are equal files
READABLE = 1.0  # a figure never shrinks, so that its type keeps its size: a wide one scrolls
LARGEST = 1.2  # a figure grows so far where there is room
#: A figure's colours -> the page's, which change with light and dark.
ON_PAGE = {
    PAPER: "none",
    INK: "currentColor",
    MUTED: "var(--muted)",
    ACCENT: "var(--accent)",
    SECOND: "var(--second)",
    **{color: f"var(--series-{i})" for i, color in enumerate(SERIES)},
}


def draw(figure: Figure) -> tuple[str, bytes]:
    """Render a figure as SVG and PNG; the same figure always gives the same SVG."""
    svg, png = io.StringIO(), io.BytesIO()
    with mpl.rc_context(STYLE):
        # The canvases themselves: `savefig` would draw each figure two more times.
        figure.set_dpi(PNG_DPI)
        FigureCanvasAgg(figure).print_png(png)  # type: ignore[no-untyped-call]
        figure.set_layout_engine("none")  # as the PNG was laid out, so is the SVG
        figure.set_dpi(72)
        FigureCanvasSVG(figure).print_svg(  # type: ignore[no-untyped-call]
            svg, metadata=dict.fromkeys(NOT_TOLD)
        )
    return printable(svg.getvalue()), png.getvalue()  # as XML may hold no control character


def on_page(svg: str, name: str, alternative: str) -> str:
    """An SVG to stand inside HTML: its width follows the page, its colours follow the theme.

    Args:
        svg: As matplotlib writes it, all its text escaped.
        name: Unique on the page; with the drawing it keeps the figure's ids apart from those of
            others, also where a notebook shows several pages.
        alternative: What is read aloud in its place.
    """
    opening = re.search(r'<svg [^>]*viewBox="0 0 ([\d.]+) [\d.]+"[^>]*>', svg)
    assert opening is not None, "matplotlib begins each SVG with its size"
    points = float(opening[1])
    attributes = re.sub(r' (width|height)="[^"]*"', "", opening[0][len("<svg") :])
    limits = f"max-width: {LARGEST * points:.0f}pt; min-width: {READABLE * points:.0f}pt"
    picture = re.sub(r"<style.*?</style>", "", svg[opening.end() :], count=1, flags=re.DOTALL)
    picture = re.sub(r"<[^>]*>", lambda tag: _rounded(tag[0]), picture)
    picture = re.sub(r"\s*\n\s*", " ", picture)
    picture = re.sub(r'<g id="[^"]*"', "<g", picture)  # nothing refers to groups
    picture = re.sub(r"font-family: [^;\"]*; ?|", "", picture)  # the page's style has it
    picture = re.sub(r' transform="rotate\(-0 [^"]*"', "", picture)
    picture = picture.replace("; stroke-linecap: square", "")
    own = f"{zlib.crc32(f'{name} {svg}'.encode()):x}"  # short: it stands at every mark
    picture = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>f{own}-", picture)
    picture = re.sub("|".join(ON_PAGE), lambda match: ON_PAGE[match[0]], picture)
    described = f'role="img" aria-label="{escape(alternative)}" style="{limits}"'
    return f"<svg {described}{attributes}{picture}".strip()


def _rounded(tag: str) -> str:
    """A tag with its coordinates to a tenth of a point; what is written between tags stays."""
    return re.sub(r"\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}", tag)
