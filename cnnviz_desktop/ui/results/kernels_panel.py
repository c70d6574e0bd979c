"""The weights of a layer as small pictures, with their norms and how their values are spread."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnviz_desktop.core.rendering import DIVERGING, Limits, value_range
from cnnviz_desktop.core.results import Kernels
from cnnviz_desktop.ui.colours.value_histogram import ValueHistogram
from cnnviz_desktop.ui.eliding_label import ElidingLabel
from cnnviz_desktop.ui.results.kernel_store import MOST_INPUTS, KernelOrder, KernelPage, KernelStore
from cnnviz_desktop.ui.results.kernel_words import filter_name, scale_of, statistics_of, title_of
from cnnviz_desktop.ui.results.map_pages import MapPages
from cnnviz_desktop.ui.results.page_turner import PageTurner
from cnnviz_desktop.ui.tiles.controls import TileControls
from cnnviz_desktop.ui.tiles.grid import TileGrid
from cnnviz_desktop.ui.tiles.page import TilePage
from cnnviz_desktop.ui.tiles.rows import TileRowHeader
from cnnviz_desktop.ui.tiles.scale import TileScale

TILE_SIDE = 44
ROW_STEP = 8  # pixels a cell of a row


class KernelsPanel(QWidget):
    """The kernels of one layer, a page at a time where there are very many. Colours are centred at 0.

    Signals:
        said: What was copied or saved, in words.
        failed: Why it could not be.
    """

    said = Signal(str)
    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layer = ""
        self._store: KernelStore | None = None
        self._sample = np.zeros(0, dtype=np.float32)
        self._page = KernelPage("slices")
        self._order: KernelOrder = "index"
        self._shown: tuple[object, ...] = ()
        self._filters: list[int] = []
        self._title, self._statistics = ElidingLabel(mode=Qt.TextElideMode.ElideMiddle, bold=True), QLabel()
        self._statistics.setWordWrap(True)
        self._controls = TileControls(
            self.tr("One for the layer"),
            self.tr("Each filter its own"),
            (("index", self.tr("Filter number")), ("norm", self.tr("L2 norm"))),
        )
        self._views, self._view_label = QComboBox(), QLabel(self.tr("&View"))
        self._turner, self._input_turner = PageTurner(self.tr("Filters")), PageTurner(self.tr("Inputs"))
        self.page, self.histogram = TilePage(side=TILE_SIDE), ValueHistogram()
        self.pages = MapPages(self.page)
        self._rows = TileRowHeader(self.grid)
        self._lay_out()
        self._connect()
        self.clear()

    @property
    def grid(self) -> TileGrid:
        """The tiles of the page."""
        return self.page.grid

    def show_request(self, layer: str) -> None:
        """Say that the kernels of a layer are on their way."""
        self.clear(self.tr("Fetching the kernels of {layer} …").format(layer=layer))
        self._layer = layer

    def clear(self, message: str = "") -> None:
        """Show nothing, and say why."""
        self._layer, self._store, self._shown = "", None, ()
        self._title.setText("")
        self._statistics.setText("")
        self._rows.set_labels(())
        for widget in (self._turner, self._input_turner, self.histogram, self._views, self._view_label):
            widget.hide()
        self.pages.close_large()
        self.page.set_scale_words(None)
        self.grid.clear(message or self.tr("Choose a layer with weights to see its kernels."))

    def show_result(self, part: Kernels) -> None:
        """Show some more filters of the layer; those of another layer than the one asked for are ignored."""
        if self._layer and part.layer != self._layer:
            return
        if self._store is None or part.first == 0:
            self._begin(part)
        store = self._store
        if store is None:
            return
        store.add(part)
        self._title.setText(title_of(store))
        self._statistics.setText(statistics_of(store))
        self._sample = store.sample()
        self.histogram.show_values(self._sample, store.overall)
        self._show_page()

    def _begin(self, part: Kernels) -> None:
        self._layer, self._shown = part.layer, ()
        self._store = KernelStore(part)
        views = self._store.views
        self._page = KernelPage(views[0])
        names = {"colour": self.tr("Filters in colour"), "slices": self.tr("A row of slices a filter")}
        self._views.clear()
        for view in views:
            self._views.addItem(names.get(view, ""), view)
        for widget in (self._views, self._view_label):
            widget.setVisible(len(views) > 1)
        self.histogram.show()
        self.page.title = self.tr("Kernels of {layer}").format(layer=part.layer)

    def _show_page(self) -> None:
        """Bring grid, page turners and scale up to date; tiles are made anew only where the page holds others."""
        store, page = self._store, self._page
        if store is None:
            return
        filters = page.filters(store, self._order)
        shown = (page, filters.tobytes())
        if shown != self._shown:
            self._shown, self._filters = shown, filters.tolist()
            self._fill(store, page)
        self._turner.show_page(page.number, page.pages(store), self._filters_in_words(store, page))
        start = page.input_number * MOST_INPUTS
        last = min(start + MOST_INPUTS, page.inputs(store)) - 1
        inputs = self.tr("inputs {first}–{last} of {total}")
        inputs = inputs.format(first=f"{start:,}", last=f"{last:,}", total=f"{page.inputs(store):,}")
        self._input_turner.show_page(page.input_number, page.input_pages(store), inputs)
        self._rescale()

    def _filters_in_words(self, store: KernelStore, page: KernelPage) -> str:
        start = page.number * page.filters_a_page(store)
        stop = min(start + page.filters_a_page(store), store.total)
        if self._order == "norm":
            words, start, stop = self.tr("norms ranked {first}–{last} of {total}"), start + 1, stop + 1
        else:
            words = self.tr("filters {first}–{last} of {total}")
        return words.format(first=f"{start:,}", last=f"{stop - 1:,}", total=f"{store.total:,}")

    def _fill(self, store: KernelStore, page: KernelPage) -> None:
        filters, inputs = self._filters, store.shape[0]
        if not filters:
            return
        tiles = page.tiles(store, page.filters(store, self._order))
        titles = [filter_name(store, number) for number in filters]
        numbers = [str(number) for number in filters]
        self.page.first_column = page.input_number * MOST_INPUTS if page.view == "rows" else 0
        if page.view == "slices":
            each = self.tr("{title}, input {number}")
            names = [each.format(title=title, number=number) for title in titles for number in range(inputs)]
            captions = [str(number) for _ in filters for number in range(inputs)]
            self.grid.set_tiles(tiles, captions=captions, names=names, columns=inputs)
        else:
            in_rows = page.view == "rows"
            captions = [""] * len(filters) if in_rows else numbers
            columns, step = (1, ROW_STEP) if in_rows else (None, None)
            self.grid.set_tiles(tiles, captions=captions, names=titles, columns=columns, step=step)
        self._rows.set_labels(numbers if page.view in ("rows", "slices") else ())

    def _rescale(self) -> None:
        """Colours and limits of the whole layer, or of each filter, in the grid and in words."""
        store, scale = self._store, self._controls.scale()
        if store is None:
            return
        choice = replace(scale.choice, name=scale.choice.name or DIVERGING)
        drawn = choice.drawn(store.overall, self._percentiles, signed=True)
        limits = drawn.single
        self._controls.colours.show_limits(limits)
        self.histogram.show_limits(limits)
        if scale.is_shared:
            applied = TileScale(replace(choice, limits_mode="fixed", limits=limits))
        else:
            group = store.shape[0] if self._page.view == "slices" else 1
            applied = TileScale(choice, shared=False, group=group)
        self.grid.set_scale(applied)
        self.page.set_scale_words(scale_of(store, choice, drawn if scale.is_shared else None))

    def _percentiles(self, percents: tuple[float, float]) -> Limits:
        return value_range(self._sample, percents)

    def _lay_out(self) -> None:
        self._view_label.setBuddy(self._views)
        self._views.setAccessibleName(self.tr("View"))
        self._rows.set_labels(())
        self.page.middle.insertWidget(0, self._rows)
        turning = QHBoxLayout()
        for widget in (self._view_label, self._views, self._turner, self._input_turner):
            turning.addWidget(widget)
        turning.addStretch(1)
        bottom = QHBoxLayout()
        bottom.addWidget(self._statistics, 1)
        bottom.addWidget(self.histogram, 1)
        layout = QVBoxLayout(self)
        layout.addWidget(self._title)
        layout.addWidget(self._controls)
        layout.addLayout(turning)
        layout.addWidget(self.pages, 1)
        layout.addLayout(bottom)

    def _connect(self) -> None:
        self._controls.scale_changed.connect(self._on_scale_set)
        self._controls.sort_chosen.connect(self._on_order_chosen)
        self._controls.zoom_asked.connect(self.grid.zoom_by)
        self._views.activated.connect(self._on_view_chosen)
        self._turner.turned.connect(self._on_turned)
        self._input_turner.turned.connect(self._on_inputs_turned)
        self.grid.enlarged.connect(self._on_enlarged)
        self.pages.limits_chosen.connect(self._on_limits_chosen)
        self.histogram.limits_chosen.connect(self._on_limits_chosen)
        self.pages.said.connect(self.said)
        self.pages.failed.connect(self.failed)

    @Slot()
    def _on_scale_set(self) -> None:
        self._rescale()

    @Slot(str)
    def _on_order_chosen(self, order: KernelOrder) -> None:
        self._order = order
        self._turn_to(replace(self._page, number=0))

    @Slot()
    def _on_view_chosen(self) -> None:
        self._turn_to(KernelPage(self._views.currentData()))

    @Slot(int)
    def _on_turned(self, number: int) -> None:
        self._turn_to(replace(self._page, number=number))

    @Slot(int)
    def _on_inputs_turned(self, number: int) -> None:
        self._turn_to(replace(self._page, input_number=number))

    def _turn_to(self, page: KernelPage) -> None:
        self._page = page
        self.pages.close_large()
        self._show_page()

    @Slot(int)
    def _on_enlarged(self, tile: int) -> None:
        """A slice is shown large; a filter in colour is taken apart into its slices."""
        if self._page.view == "colour":
            self._show_slices(self._filters[tile])
        elif self._page.view != "rows":
            self.pages.enlarge(self.grid, tile)

    def _show_slices(self, number: int) -> None:
        if self._store is None:
            return
        order = self._store.order(self._order).tolist()
        page, place = divmod(order.index(number), KernelPage("slices").filters_a_page(self._store))
        self._views.setCurrentIndex(self._views.findData("slices"))
        self._turn_to(KernelPage("slices", page))
        self.grid.set_current(place * self._store.shape[0])
        self.grid.setFocus()

    @Slot(object)
    def _on_limits_chosen(self, limits: Limits) -> None:
        choice = self._controls.colours.choice()
        self._controls.set_choice(replace(choice, limits_mode="fixed", limits=limits))
