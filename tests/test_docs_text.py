"""README.md and docs/: size, links, pictures, and tables that say what the package has."""
import os
import re
import urllib.parse

import pytest
from helpers import pages

from tf_disentangle.data import named_data

pytestmark = pytest.mark.contract

TABLE_OF_METRICS = ("<!-- table of metrics -->\n", "<!-- end of table -->\n")


def _links(page):
    """(path from the repository's root, anchor) of every link or picture that stays in it."""
    for target in re.findall(r"\]\(([^)\s]+)\)", pages.prose(page)):
        if not re.match(r"\w+:", target):
            path, _, anchor = urllib.parse.unquote(target).partition("#")
            if path:
                path = os.path.normpath(os.path.join(os.path.dirname(page), path))
            yield (path or page).replace(os.sep, "/"), anchor


def _anchors(page):
    """The anchors that GitHub gives headings."""
    headings = re.findall(r"^#+ (.*)$", pages.prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_readme_is_short():
    assert len(pages.text("README.md").encode()) < 9216


@pytest.mark.parametrize("page", pages.PAGES)
def test_page_is_read_in_five_minutes(page):
    """At 250 words a minute; numbers and signs are not read one by one."""
    assert len(re.findall(r"[A-Za-z]\w*", pages.text(page))) <= 1250


@pytest.mark.parametrize("page", pages.PAGES)
def test_links_lead_somewhere(page):
    for path, anchor in _links(page):
        assert pages.ROOT.joinpath(path).is_file(), f"{page} links to {path}"
        assert not anchor or anchor in _anchors(path), f"{page} links to {path}#{anchor}"


def test_every_page_and_picture_is_linked():
    linked = {path for page in pages.PAGES for path, _ in _links(page)}
    there = {path.relative_to(pages.ROOT).as_posix()
             for path in pages.ROOT.joinpath("docs").rglob("*") if path.is_file()}
    assert there <= linked


@pytest.mark.parametrize("page", pages.PAGES)
def test_fences_are_closed_and_of_a_known_language(page):
    fences = re.findall(r"^```(.*)$", pages.text(page), re.MULTILINE)
    assert len(fences) % 2 == 0 and not any(fences[1::2])
    assert set(fences[::2]) <= {"python", "sh", "gin", "text"}


def test_data_sets_of_the_table_are_those_there_are():
    rows = re.findall(r"^\| (`.*?) \|", pages.text("docs/data.md"), re.MULTILINE)
    listed = set(re.findall(r"`(\w+)`", " ".join(rows)))
    constructors = {name: named_data.constructor(name) for name in named_data.dataset_names()}
    assert listed <= set(constructors)
    # Other tests register some of their own. Aliases need not be listed.
    assert {constructors[name] for name in listed} == {
        made for made in constructors.values() if made.__module__.startswith("tf_disentangle.")}
