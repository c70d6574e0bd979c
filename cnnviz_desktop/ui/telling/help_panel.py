"""Help inside the window: the methods with formula and paper, the shortcuts, and what this program is."""

from collections.abc import Iterable
from html import escape

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QTextDocument
from PySide6.QtWidgets import QTextBrowser, QWidget

from cnnviz_desktop.core.catalog import METHODS, Method
from cnnviz_desktop.core.catalog.cautions import CAUTIONS
from cnnviz_desktop.ui.telling.bug_report import version_of
from cnnviz_desktop.ui.telling.shipped_pages import ShippedPage, lay_out_tables


class HelpPanel(QTextBrowser):
    """Shows one page of help at a time. `method_wanted` carries the id of a method whose link was followed."""

    method_wanted = Signal(str)

    def __init__(self, pages: tuple[ShippedPage, ...] = (), parent: QWidget | None = None) -> None:
        """`pages` are those that ship as files."""
        super().__init__(parent)
        self._pages = pages
        self.setAccessibleName(self.tr("Help"))
        self.setOpenLinks(False)
        self.anchorClicked.connect(self._on_link)
        self.show_methods()

    def show_methods(self, method_id: str = "") -> None:
        """Tell what each method shows, with its formula and paper; begin at one of them where it is named."""
        links = " · ".join(f"<a href='page:{page.name}'>{escape(page.title)}</a>" for page in self._pages)
        parts = [f"<h2>{self.tr('What is this?')}</h2>", f"<p>{links}</p>" if links else ""]
        family = ""
        for method in METHODS:
            if method.family != family:
                family = method.family
                parts.append(f"<h3>{escape(family)}</h3>")
            parts.append(self._method(method))
        self.setHtml("".join(parts))
        self.scrollToAnchor(method_id)

    def show_page(self, name: str) -> None:
        """Show a page that ships as a file."""
        page = next(page for page in self._pages if page.name == name)
        shown = self.document()
        document = QTextDocument(shown.parent())  # apart: what is in sight is laid out again with every cell
        document.setDefaultFont(self.font())
        document.setMarkdown(page.text())
        lay_out_tables(document)
        self.setDocument(document)  # deletes the one before

    def show_shortcuts(self, window: QWidget) -> None:
        """List every action of the window that has a shortcut, and the keys of its views."""
        parts = [f"<h2>{self.tr('Keyboard shortcuts')}</h2>", _table(sorted(shortcuts_of(window), key=_by_name))]
        for view, keys in self._keys_of_views():
            parts.append(f"<h3>{escape(view)}</h3>{_table(keys)}")
        mouse = self.tr("With the mouse: in the image the wheel zooms, dragging pans, a double click shows it whole.")
        self.setHtml("".join((*parts, f"<p>{escape(mouse)}</p>")))

    def show_about(self) -> None:
        """Tell what this program is."""
        text = self.tr(
            "See what a PyTorch convolutional network has learnt and where it looks: kernels, feature maps and class "
            "activation maps, with the raw values behind every picture. Nothing leaves this machine."
        )
        title = self.tr("cnnviz-desktop {0}").format(version_of("cnnviz-desktop"))
        self.setHtml(f"<h2>{escape(title)}</h2><p>{escape(text)}</p><p>{self.tr('MIT licence.')}</p>")

    def _keys_of_views(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """(view, (keys, what they do) …) of the keys that mean something only where the keyboard is."""
        tr = self.tr
        image = (
            (tr("arrows"), tr("move the image")),
            (tr("Shift+arrows"), tr("go from cell to cell and read the values")),
            ("+  −", tr("larger, smaller")),
            (tr("Space held"), tr("hide the map for a moment")),
            (tr("R, then Enter twice"), tr("draw a region to be explained, from one cell to another")),
        )
        table = (
            (tr("arrows"), tr("go from cell to cell")),
            (tr("Enter"), tr("show the cell over its image; Esc there leads back")),
            ("+  −", tr("larger, smaller, in all cells")),
            ("0", tr("the whole picture in every cell")),
        )
        maps = (
            (tr("arrows, Home, End, Page Up, Page Down"), tr("move")),
            (tr("a number"), tr("go to that channel")),
            (tr("Enter"), tr("show one large")),
            (tr("Space, Ctrl+A"), tr("select, select all")),
            ("+  −", tr("larger, smaller")),
        )
        large = (
            (tr("arrows"), tr("go from cell to cell")),
            (tr("Page Up, Page Down"), tr("the map before, the next one")),
            (tr("Esc"), tr("back to all maps")),
        )
        search = (
            (tr("Enter"), tr("choose what was found first")),
            (tr("Down"), tr("go to what was found")),
            (tr("Esc"), tr("empty the field")),
        )
        layers = (
            (tr("Ctrl+click, Ctrl+Space"), tr("join the layer with the chosen one, or leave it out")),
            (tr("Enter"), tr("choose the layer, or the method, that the keyboard is on")),
        )
        return (
            (tr("In the image"), image),
            (tr("In the comparison table"), table),
            (tr("Among the layers and the methods"), layers),
            (tr("Among the maps and the kernels"), maps),
            (tr("In a large map"), large),
            (tr("In a search"), search),
        )

    def _method(self, method: Method) -> str:
        formula = f"<br><code>{escape(method.formula)}</code>" if method.formula else ""
        paper = f"<br><i>{escape(method.paper)}</i>" if method.paper else ""
        caution = f"<br>{escape(CAUTIONS[method.id])}" if method.id in CAUTIONS else ""
        title = f"<a name='{method.id}'></a><b>{escape(method.title)}</b>"
        use = f" <a href='method:{method.id}'>{escape(self.tr('Use it'))}</a>" if method.gives else ""
        return f"<p>{title}. {escape(method.summary)}{use}{formula}{caution}{paper}</p>"

    @Slot(QUrl)
    def _on_link(self, link: QUrl) -> None:
        if link.scheme() == "method":
            self.method_wanted.emit(link.path())
        elif link.scheme() == "page":
            self.show_page(link.path())


def shortcuts_of(window: QObject) -> set[tuple[str, str]]:
    """(keys, what they do) of every action below an object; an action with two shortcuts gives two."""
    native = QKeySequence.SequenceFormat.NativeText
    return {
        (sequence.toString(native), plain_text(action))
        for action in window.findChildren(QAction)
        for sequence in action.shortcuts()
    }


def plain_text(action: QAction) -> str:
    """An action's text without the menu's marks."""
    return action.text().replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")


def _table(rows: Iterable[tuple[str, str]]) -> str:
    cells = (f"<tr><td><b>{escape(keys)}</b>&nbsp;&nbsp;</td><td>{escape(does)}</td></tr>" for keys, does in rows)
    return f"<table cellpadding='2'>{''.join(cells)}</table>"


def _by_name(row: tuple[str, str]) -> str:
    return row[1].casefold()
