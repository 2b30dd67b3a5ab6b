"""One folder has one spelling, whoever writes it."""

from __future__ import annotations

import pytest

from accrete.projects.folders import key, on_windows, parts, plain, shown

SHOP = "C:/Users/kim/shop"


@pytest.mark.parametrize(
    "written",
    [
        "C:\\Users\\kim\\shop",
        "c:\\Users\\kim\\shop",
        "C:/Users/kim/shop",
        "c:/Users/kim/shop/",
        "C:\\Users\\kim\\shop\\",
        "C:\\\\Users\\\\kim\\\\shop",
        "C:\\Users\\.\\kim\\shop",
        "C:\\Users\\kim\\other\\..\\shop",
        "\\\\?\\C:\\Users\\kim\\shop",
        "//?/c:/Users/kim/shop",
        "\\\\.\\C:\\Users\\kim\\shop",
        "\\??\\C:\\Users\\kim\\shop",
        "/mnt/c/Users/kim/shop",
        "/mnt/c//Users/kim/shop/",
        "/cygdrive/c/Users/kim/shop",
        "/c/Users/kim/shop",
        "\\\\wsl$\\Ubuntu\\mnt\\c\\Users\\kim\\shop",
        "\\\\wsl.localhost\\Debian\\mnt\\c\\Users\\kim\\shop",
        "file:///C:/Users/kim/shop",
        "file:///c%3A/Users/kim/shop",
        "/c:/Users/kim/shop",
    ],
)
def test_a_folder_of_windows_has_one_spelling(written):
    assert plain(written) == SHOP


@pytest.mark.parametrize(
    "written",
    [
        "/home/kim/shop",
        "/home/kim/shop/",
        "//home//kim/shop",
        "/home/kim/./shop",
        "/home/kim/other/../shop",
        "\\\\wsl$\\Ubuntu\\home\\kim\\shop",
        "\\\\WSL.localhost\\Ubuntu-24.04\\home\\kim\\shop\\",
        "//wsl$/Ubuntu/home/kim/shop",
        "file:///home/kim/shop",
        "file://localhost/home/kim/shop",
        "~/shop",
        "~/other/../shop/",
    ],
)
def test_a_folder_of_linux_has_one_spelling(written):
    assert plain(written, home="/home/kim") == "/home/kim/shop"


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("/private/tmp/demo", "/tmp/demo"),
        ("/private/var/folders/x", "/var/folders/x"),
        ("/System/Volumes/Data/Users/kim", "/Users/kim"),
        ("/privateer/tmp", "/privateer/tmp"),
        ("/private/notes", "/private/notes"),
        ("\\\\server\\share\\shop", "//server/share/shop"),
        ("\\\\?\\UNC\\server\\share\\shop", "//server/share/shop"),
        ("file://server/share/shop", "//server/share/shop"),
        ("C:", "C:/"),
        ("D:\\", "D:/"),
        ("/mnt/d", "D:/"),
        ("/", "/"),
        ("/mnt/data/shop", "/mnt/data/shop"),
        ("/home/kim/a\\b", "/home/kim/a\\b"),
        ("/home/kim/100%25", "/home/kim/100%25"),
        ("C:notes", "C:notes"),
        ("", ""),
    ],
)
def test_odd_folders_are_spelled_as_their_system_means_them(written, spelled):
    assert plain(written) == spelled


def test_git_bash_is_believed_only_where_there_is_windows():
    assert plain("/c/work/shop") == "/c/work/shop"
    assert plain("/c/work/shop", drives=frozenset("c")) == "C:/work/shop"
    assert plain("/d/work/shop", drives=frozenset("c")) == "/d/work/shop"
    assert plain("/c/Program Files/Git") == "C:/Program Files/Git"


def test_a_disk_that_is_mounted_on_this_machine_is_no_windows_drive():
    assert plain("/mnt/d/work", local=True) == "/mnt/d/work"
    assert plain("/c/Users/kim", local=True) == "/c/Users/kim"


def test_case_tells_folders_apart_but_not_on_windows():
    assert key("C:/Users/Kim/Shop") == key("c:/users/kim/shop")
    assert key("//Server/Share") == key("//server/share")
    assert key("/home/kim/Shop") != key("/home/kim/shop")


def test_an_accent_is_one_letter_or_two_but_one_folder():
    assert key("/home/kim/caf\u00e9") == key("/home/kim/cafe\u0301")


@pytest.mark.parametrize(
    "text", ["", "~", "file:", "\\\\", "//", "C:", "\\\\?\\", "///", "\x00", "\\", "a" * 5000]
)
def test_any_text_can_be_spelled(text):
    assert key(plain(text)) == key(plain(text))
    assert isinstance(on_windows(plain(text)), bool)
    assert parts(shown(text)) is not None


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("C:\\Users\\kim\\Shop\\", "C:\\Users\\kim\\Shop"),
        ("/mnt/c/Users/kim", "/mnt/c/Users/kim"),
        ("\\\\?\\C:\\Users\\kim", "C:\\Users\\kim"),
        ("file:///C:/a%20b", "C:\\a b"),
        ("/w//shop/./", "/w/shop"),
        ("/", "/"),
        ("C:\\", "C:\\"),
    ],
)
def test_a_folder_is_shown_as_it_was_written(written, seen):
    assert shown(written) == seen
