"""Reports of a verdict: one HTML page, JUnit XML. Pure: text out of records, written by whoever asked for it."""

from .junit import render_junit
from .page import Checked, Report, render_page

__all__ = ["Checked", "Report", "render_junit", "render_page"]
