"""Everything the window is made of, made and not yet connected."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMainWindow, QSizePolicy, QVBoxLayout, QWidget

from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.actions import Actions, fill_menus
from cnnviz_desktop.ui.answers.shown_answer import ShownAnswer
from cnnviz_desktop.ui.canvas.image_canvas import ImageCanvas
from cnnviz_desktop.ui.commands import Commands
from cnnviz_desktop.ui.comparison.comparing import Comparing
from cnnviz_desktop.ui.docks import Docks
from cnnviz_desktop.ui.examiner import Examiner
from cnnviz_desktop.ui.explaining import Explaining
from cnnviz_desktop.ui.linked_views import LinkedViews
from cnnviz_desktop.ui.methods.method_panel import MethodPanel
from cnnviz_desktop.ui.methods.target_line import TargetLine
from cnnviz_desktop.ui.network.model_tree import ModelTree
from cnnviz_desktop.ui.open_images import OpenImages
from cnnviz_desktop.ui.opening.description_files import DescriptionFiles
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.opening.key_table import KeyTable
from cnnviz_desktop.ui.opening.opener import Opener
from cnnviz_desktop.ui.opening.picking import Picking
from cnnviz_desktop.ui.outcomes import Outcomes
from cnnviz_desktop.ui.picture_export import PictureActions
from cnnviz_desktop.ui.picture_folder import PictureFolder
from cnnviz_desktop.ui.preferences.preferences import Preferences
from cnnviz_desktop.ui.preprocessing.feeding import Feeding
from cnnviz_desktop.ui.preprocessing.panel import PreprocessingPanel
from cnnviz_desktop.ui.remembered_choices import RememberedChoices, first_subject
from cnnviz_desktop.ui.results.results_panel import ResultsPanel
from cnnviz_desktop.ui.strip.image_strip import ImageStrip
from cnnviz_desktop.ui.strip.thumbnail_reader import ThumbnailReader
from cnnviz_desktop.ui.telling.failure_responder import FailureResponder
from cnnviz_desktop.ui.telling.help_pages import HelpPages
from cnnviz_desktop.ui.telling.help_panel import HelpPanel
from cnnviz_desktop.ui.telling.job_log import JobLog
from cnnviz_desktop.ui.telling.log_panel import LogPanel
from cnnviz_desktop.ui.telling.message_list import MessageList
from cnnviz_desktop.ui.telling.notice import Notice
from cnnviz_desktop.ui.telling.shipped_pages import shipped_pages
from cnnviz_desktop.ui.telling.waiting import Waiting
from cnnviz_desktop.ui.weights.weights_desk import WeightsDesk

KEYS_HEIGHT = 320
HELP_HEIGHT = 280
"""Pages are read, where messages are glanced at."""


class Parts:
    """The window's widgets, and what answers to each other by itself.

    Args:
        window: Whose parts they are.
        runner: Runs the requests.
        settings: What is remembered.
    """

    def __init__(self, window: QMainWindow, runner: JobRunner, settings: SettingsFile) -> None:
        self.examiner = Examiner(runner, first_subject(settings.settings), window)
        self.explaining = Explaining(self.examiner)
        self.canvas = ImageCanvas()
        self.strip = ImageStrip()
        self.tree = ModelTree()
        self.results = ResultsPanel()
        self.method = MethodPanel()
        self.target_line = TargetLine(self.canvas.menu_actions.region)
        self.messages = MessageList()
        self.log = LogPanel()
        self.readout, self.notice, self.device = QLabel(), Notice(), QLabel()
        pages = shipped_pages()
        self.actions = Actions(window, pages)
        self.job_line = Waiting(runner, self.actions.cancel)
        self.help = HelpPanel(pages)
        self.remembered = RememberedChoices(settings, self.actions)
        self.dialogs = FileDialogs(settings, window)
        self.keys = KeyTable(self.dialogs)
        self.opener = Opener(self.dialogs, window)
        self.picking = Picking(runner, self.examiner, settings, self.dialogs, window)
        self.descriptions = DescriptionFiles(self.dialogs, window)
        self.images = OpenImages(self.strip)
        self.preferences = Preferences(settings, self.remembered, runner, self.examiner, window)
        self.job_log = JobLog(runner)
        self.linked_views = LinkedViews(self.canvas, self.results.feature_maps, self.readout)
        self.responder = FailureResponder(self.examiner, self.messages, self.keys, window)
        self.weights = WeightsDesk(runner, settings, self.dialogs, self.messages, window)
        self.thumbnails = ThumbnailReader(runner, self.strip)
        self.image_page = QWidget()
        self.comparing = Comparing(runner, self.examiner, self.image_page, self.canvas, self.strip, self.messages)
        self.comparing.page.readout_changed.connect(self.readout.setText)
        self.outcomes = Outcomes(runner, self.examiner, self.canvas, self.results)
        self.answers = ShownAnswer(self.results.answers, self.canvas.on_picture)
        self.docks = Docks(window)
        self.preprocessing = PreprocessingPanel(self.dialogs)
        self.results.addTab(self.preprocessing, window.tr("Input"))
        self.feeding = Feeding(runner, self.examiner, self.preprocessing, self.canvas)
        self.picture_folder = PictureFolder(settings, self._picture_actions(), window)
        self._lay_out(window)

    def _picture_actions(self) -> list[PictureActions]:
        views = (self.canvas, self.results, self.comparing.page)
        return [each for part in views for each in part.findChildren(PictureActions)]

    def _lay_out(self, window: QMainWindow) -> None:
        page = QVBoxLayout(self.image_page)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addWidget(self.target_line)
        page.addWidget(self.canvas, 1)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.comparing.centre, 1)
        column.addWidget(self.strip)
        window.setCentralWidget(centre)
        self._fill_docks(window)
        self._fill_status(window)
        self.commands = Commands(self.actions, self.examiner, self.tree, self.results, self.comparing)
        self.help_pages = HelpPages(window, self.actions, self.help, self.docks)
        in_sight = [*self.comparing.centre.actions_for_menu, *self.docks.actions]
        fill_menus(window, self.actions, self.canvas, self.strip.remove_action, in_sight)

    def _fill_docks(self, window: QMainWindow) -> None:
        self.docks.add_left(self.tree, window.tr("Network"), "network")
        self.docks.add_left(self.method, window.tr("Method"), "method")
        self.docks.add_right(self.results, window.tr("Results"), "results")
        self.docks.add_bottom(self.messages, window.tr("Messages"), "messages")
        self.docks.add_bottom(self.log, window.tr("Log"), "log")
        self.docks.add_bottom(self.keys, window.tr("Weights' keys"), "keys", height=KEYS_HEIGHT)
        self.docks.add_bottom(self.help, window.tr("Help"), "help", height=HELP_HEIGHT)

    def _fill_status(self, window: QMainWindow) -> None:
        self.readout.setContentsMargins(6, 0, 0, 0)
        self.readout.setTextFormat(Qt.TextFormat.PlainText)
        self.readout.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        status = window.statusBar()
        status.addWidget(self.readout, 3)
        status.addWidget(self.notice, 2)
        status.addPermanentWidget(self.job_line)
        status.addPermanentWidget(self.device)
