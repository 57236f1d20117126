"""Folder source: files dropped by a laboratory system, taken once they are whole.

A file is whole when it, and the PDF of the same base name beside it, have not changed for a while, or as soon as its
witness (`name.ok`) is there. It is moved to `taken/` only after the engine has durably kept it; a crash in between
gives it twice to the engine, with the same PDF, which keeps it once. Files are given in the order of their last change.
Links, directories and hidden files are left alone.
"""

from connectors.sources.folder.settings import FolderSettings
from connectors.sources.folder.source import FolderSource
from engine.declarations import SourceDeclaration

SOURCE = SourceDeclaration("folder", FolderSettings, FolderSource)
