"""How a button shows that it is on: Fusion darkens it by so little that a dark theme hides it."""

TOGGLE_STYLE = """
QToolButton { padding: 3px 9px; border: 1px solid palette(mid); border-radius: 4px; background: palette(button); }
QToolButton:checked { background: palette(highlight); color: palette(highlighted-text); }
QToolButton:hover, QToolButton:focus { border-color: palette(window-text); }
QToolButton:disabled { color: palette(placeholder-text); background: transparent; }
"""
