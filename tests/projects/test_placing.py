"""Which folders are one project: whatever the order in which they are known."""

from __future__ import annotations

from itertools import permutations

import pytest

from accrete.projects.folders import key, plain
from accrete.projects.person_changes import PersonChanges
from accrete.projects.repository import identity
from accrete.projects.resolve import Claim, Folder, place
from accrete.projects.rules import rules_of
from tests.patience import least, thread_s


def groups(
    *folders: Folder | str, claims=(), rules=None, changes=None
) -> list[tuple[str, list[str]]]:
    """(name, folders) of each project. Asks in every order and from both ends."""
    listed = [
        Folder(each, sessions=1, branch=True) if isinstance(each, str) else each for each in folders
    ]
    given = rules_of(rules or {}, "/home/kim")
    answers = []
    for order in list(permutations(listed))[:24] + [tuple(reversed(listed))]:
        found = place(order, claims, given, changes, "/home/kim")
        members: dict[str, list[str]] = {}
        for cwd, (one, _) in found.folders.items():
            members.setdefault(one, []).append(cwd)
        answers.append(
            sorted((found.projects[one].name, sorted(cwds)) for one, cwds in members.items())
        )
    assert all(answer == answers[0] for answer in answers)
    return answers[0]


def names(*folders, **more) -> list[str]:
    return [name for name, _ in groups(*folders, **more)]


@pytest.mark.parametrize(
    "worktree",
    [
        "/w/shop/.claude/worktrees/fix",
        "/w/shop/.claude/worktrees/fix/src",
        "/w/shop/.worktrees/fix",
        "/w/shop/.worktrees/feature/login/src",
        "/w/shop/worktrees/fix",
        "/w/shop.worktrees/fix",
        "/w/shop.worktrees/fix/src/deep",
        "/w/shop-worktrees/fix",
        "/w/shop_worktrees/fix",
    ],
)
def test_a_worktree_that_is_gone_folds_into_its_repository(worktree):
    assert names("/w/shop", worktree) == ["shop"]


@pytest.mark.parametrize(
    "worktree",
    [
        "C:\\w\\Shop.worktrees\\fix",
        "c:/w/shop/.worktrees/fix",
        "/mnt/c/w/shop-worktrees/fix",
        "/c/w/shop.worktrees/a",
    ],
)
def test_so_it_does_on_windows(worktree):
    assert names("C:\\w\\shop", worktree) == ["shop"]


@pytest.mark.parametrize("worktree", ["/w/shop/.claude/worktrees/fix", "/w/shop/.worktrees/fix"])
def test_a_worktree_inside_tells_its_repository_where_nothing_else_does(worktree):
    assert groups(worktree) == [("shop", [worktree])]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/w/shop", "/w/shop-v2"),
        ("/w/shop", "/w/shop2/worktrees/fix"),
        ("/w/shop", "/w/shopworktrees/fix"),
        ("/w/shop", "/w/other.worktrees/fix"),
        ("/w/shop", "/h/shop.worktrees/fix"),
        ("/w/shop", "/w/shop.worktrees"),
        ("/w/shop", "/w/.worktrees-old/shop"),
        ("/w/Shop", "/w/shop.worktrees/fix"),
        ("/w/shop/src", "/w/shop.worktrees/fix"),
        ("/home/kim/shop", "/home/kim/.worktrees/shop/fix"),
        ("/home/kim/.claude", "/home/kim/.claude-worktrees/shop/fix"),
        ("/w/shop", "/data/worktrees/shop/fix"),
        ("/w/shop", "/w/lists/worktrees/shop/fix"),
        ("/data/worktrees", "/data/worktrees/shop/fix"),
        ("/home/kim", "/home/lee/.worktrees/fix"),
    ],
)
def test_a_neighbour_is_no_worktree(one, other):
    assert len(groups(one, other)) == 2


def test_a_folder_of_worktrees_without_a_repository_is_no_project_of_others():
    assert len(groups("/w/foo.worktrees/a", "/w/foo.worktrees/b")) == 2
    assert (
        len(groups(Folder("/w/foo", sessions=1), "/w/foo/worktrees/a")) == 2
    )  # no branch: no repository


def test_git_goes_before_where_a_folder_lies():
    nested = Folder(
        "/w/shop/.worktrees/lib", None, "/w/shop/.worktrees/lib", "host/acme/lib", True, 1, 1
    )
    assert names("/w/shop", nested) == ["lib", "shop"]


def test_what_git_said_of_one_folder_counts_for_others_in_the_repository():
    told = Folder("/w/mono/api", None, "/w/mono", "host/acme/mono", True, 1, 1)
    assert groups(told, "/w/mono/web", "/w/mono.worktrees/x") == [
        ("mono", ["/w/mono.worktrees/x", "/w/mono/api", "/w/mono/web"])
    ]


def test_a_repository_of_the_whole_home_takes_no_folder_that_is_gone():
    home = Folder("/home/kim", None, "/home/kim", None, True, 1, 1)
    gone = Folder("/home/kim/shop", None, "/home/kim", None, False, 1, 1)
    there = Folder("/home/kim/.config/nvim", None, "/home/kim", None, True, 1, 1)
    assert names(home, gone, there) == ["kim", "shop"]


def test_the_newest_answer_of_git_counts():
    old = Folder("/w/shop", None, "/w/shop", "host/acme/old", True, 1, 1)
    new = Folder("/w/shop/", None, "/w/shop", "host/acme/new", True, 2, 1)
    assert names(old, new) == ["new"]


def test_a_link_is_what_it_leads_to():
    link = Folder("/home/kim/shop", "/data/shop", None, None, True, 1, 1)
    gone = Folder("/home/kim/shop/.worktrees/a", "/data/shop/.worktrees/a", None, None, False, 1, 1)
    assert names(
        link, gone, "/data/shop", claims=[Claim("/home/kim/shop-x", "/home/kim/shop")]
    ) == ["shop"]
    assert names(link, "/data/shop-x", claims=[Claim("/home/kim/shop-x", "/home/kim/shop")]) == [
        "shop",
        "shop-x",
    ]


def test_the_session_that_made_a_worktree_says_whose_it_is():
    claims = [Claim("/tmp/try", "/w/shop/src"), Claim("/x/second", "/tmp/try")]
    told = Folder("/w/shop/src", None, "/w/shop", None, True, 1, 1)
    assert names(told, "/tmp/try/lib", "/x/second", "/x/secondary", claims=claims) == [
        "secondary",
        "shop",
    ]


def test_two_that_name_each_other_end_somewhere():
    claims = [Claim("/w/a", "/w/b"), Claim("/w/b", "/w/a")]
    assert len(groups("/w/a", "/w/b", claims=claims)) in (1, 2)


def test_ids_are_hashes_of_what_a_project_is():
    found = place(
        [Folder("/w/shop"), Folder("C:\\W\\Api"), Folder("/w/x", None, "/w/x", "host/acme/x", True)]
    )
    assert set(found.projects) == {
        identity("path:/w/shop"),
        identity("path:c:/w/api"),
        identity("remote:host/acme/x"),
    }


@pytest.mark.parametrize(
    ("folders", "shown"),
    [
        (["/w/work/api", "/w/home/api"], ["api (home/api)", "api (work/api)"]),
        (["/a/x/api", "/b/x/api"], ["api (a/x/api)", "api (b/x/api)"]),
        (["/api", "/w/api"], ["api (/api)", "api (w/api)"]),
        (["C:\\w\\api", "/w/x/api"], ["api (w/api)", "api (x/api)"]),
        (["/w/api", "/w/Api"], ["Api", "api"]),
    ],
)
def test_namesakes_are_told_apart_by_the_shortest_end_of_their_path(folders, shown):
    assert names(*folders) == shown


def test_a_remote_tells_namesakes_apart_too():
    one = Folder("/a/api", None, "/a/api", "github.com/acme/api", True, 1, 1)
    two = Folder("/b/api", None, "/b/api", "github.com/zeta/api", True, 1, 1)
    assert names(one, two, "/c/api") == ["api (acme/api)", "api (c/api)", "api (zeta/api)"]


def test_a_folder_that_no_session_began_in_takes_no_name_away():
    assert "api" in names("/w/api", Folder("/h/api"))


@pytest.mark.parametrize(
    ("glob", "inside", "outside"),
    [
        (
            "~/work/shop*",
            ["/home/kim/work/shop", "/home/kim/work/shop-v2/src"],
            ["/home/kim/work/api"],
        ),
        ("/srv/**/api", ["/srv/api", "/srv/a/b/api", "/srv/a/api/src"], ["/srv/a/apis"]),
        ("/srv/*/api", ["/srv/a/api"], ["/srv/a/b/api"]),
        ("C:\\work\\*", ["c:\\Work\\one", "/mnt/c/work/two/src"], ["D:\\work\\one"]),
        ("scratch-?", ["/w/scratch-1", "/tmp/x/scratch-2/src"], ["/w/scratch-10"]),
        ("*/shop-*", ["/w/shop-a", "/w/x/shop-b"], ["/w/shop"]),
        ("/w/[x]", ["/w/[x]/src"], ["/w/x"]),
    ],
)
def test_a_rule_names_the_folders_that_its_glob_fits(glob, inside, outside):
    found = dict(groups(*inside, *outside, rules={glob: "Mine"}))
    assert found["Mine"] == sorted(inside)
    assert len(found) == 1 + len(outside)


def test_the_most_specific_rule_wins_whatever_their_order():
    for rules in ({"/w/**": "All", "/w/shop/**": "Shop"}, {"/w/shop/**": "Shop", "/w/**": "All"}):
        assert names("/w/shop/x", "/w/api", rules=rules) == ["All", "Shop"]


def test_a_rule_takes_the_worktrees_of_a_repository_with_it():
    assert names("/w/shop", "/w/shop.worktrees/a", rules={"/w/shop": "Store"}) == ["Store"]


def test_a_rule_can_name_a_project_that_there_is():
    assert names("/w/shop", "/old/shop-2019", rules={"/old/*": "shop"}) == ["shop"]


def test_changes_merge_split_and_name():
    one, two = identity("path:/w/a"), identity("path:/w/b")
    assert names("/w/a", "/w/b", "/w/c", changes=PersonChanges({two: one})) == ["a", "c"]
    assert names("/w/a", "/w/b", changes=PersonChanges({two: one}, {}, {one: "Both"})) == ["Both"]
    told = Folder("/w/a/x", None, "/w/a", None, True, 1, 1)
    assert names("/w/a", told, changes=PersonChanges({}, {"/w/a/x": "/w/a/x"})) == ["a", "x"]
    assert (
        len(
            groups(
                "/w/a",
                "/w/b",
                "/w/c",
                changes=PersonChanges({one: two, two: one, identity("path:/w/c"): one}),
            )
        )
        == 1
    )


def test_a_merge_changes_no_other_id():
    folders = [Folder(f"/w/{name}", sessions=1) for name in "abc"]
    one, two, three = (identity(f"path:/w/{name}") for name in "abc")
    assert set(place(folders).projects) == {one, two, three}
    assert set(place(folders, changes=PersonChanges({two: one})).projects) == {one, three}


def test_changes_stay_with_a_project_that_gets_a_remote():
    changes = PersonChanges({}, {}, {identity("path:/w/shop"): "Store"})
    assert names(
        Folder("/w/shop", None, "/w/shop", "host/acme/shop", True, 1, 1), changes=changes
    ) == ["Store"]


def test_a_key_spells_the_same_in_both_tables():
    assert key(plain("C:\\W\\Api")) == "c:/w/api"


@pytest.mark.parametrize(
    "written",
    [
        "//?/c:/Users/kim/shop",
        "//?/C:/users/kim/shop/",
        "//./C:/Users/kim/shop",
        "\\\\.\\C:\\Users\\kim\\shop",
        "file:///c:/Users/kim/shop",
    ],
)
def test_a_folder_of_windows_is_one_also_where_this_machine_took_the_path_for_its_own(written):
    wrong = Folder(written, real="/?/c:/Users/kim/shop", sessions=1)
    assert names(wrong, "C:\\Users\\kim\\shop") == ["shop"]


def test_a_share_is_known_by_its_server_where_slashes_alone_do_not_tell():
    assert names("//srv/share/shop", "\\\\SRV\\Share\\shop") == ["shop"]
    assert names("//srv/share/shop", "\\\\?\\UNC\\srv\\share\\shop", "file://srv/share/shop") == [
        "shop"
    ]
    assert len(groups("//srv/share/shop", "\\\\other\\share\\shop")) == 2
    assert names("//home/kim/shop", "/home/kim/shop") == ["shop"]


@pytest.mark.parametrize(
    "worktree",
    [".worktrees/zed/src", ".claude/worktrees/abc", "worktrees/shop-x", ".worktrees/a/b"],
)
@pytest.mark.parametrize("home", ["/home/kim", "/home/lee", "/Users/kim", "/root", "C:/Users/kim"])
def test_a_home_is_a_repository_only_when_git_says_so(home, worktree):
    lost = f"{home}/{worktree}"
    assert len(groups(home, lost)) == 2
    assert len(groups(Folder(home, root=home, there=True, sessions=1), lost)) == 1


@pytest.mark.parametrize(
    "worktree", [".worktrees/shop/feat", ".worktrees/shop/feat/src", "worktrees/shop/feat"]
)
def test_worktrees_of_several_repositories_lie_next_to_them(worktree):
    one = f"/home/kim/w/{worktree}"
    assert names("/home/kim/w/shop", one) == ["shop"]
    assert names(
        Folder("/home/kim/w/shop", "/home/kim/w/shop", "/home/kim/w/shop", there=True), one
    ) == ["shop"]
    assert names("C:\\w\\shop", f"c:/W/{worktree}") == ["shop"]
    assert names(Folder("/home/kim/w", sessions=1), "/home/kim/w/shop", one) == [
        "shop",
        "w",
    ]  # no repository itself
    assert len(groups("/home/kim/w/other", one)) == 2


def test_a_branch_with_a_slash_is_of_the_repository_and_not_of_a_folder_in_it():
    assert names("/w/shop", "/w/shop/.worktrees/api/login", claims=()) == ["shop"]
    inner = groups(
        "/w/shop", Folder("/w/shop/api", root="/w/shop", there=True), "/w/shop/.worktrees/api/login"
    )
    assert [name for name, _ in inner] == ["shop"]


@pytest.mark.parametrize("host", ["github.com", "gitlab.com", "bitbucket.org"])
def test_a_host_that_does_not_tell_case_has_one_project(host):
    one, other = (
        Folder(f"/{at}/shop", f"/{at}/shop", f"/{at}/shop", f"{host}/{at_host}", True, sessions=1)
        for at, at_host in (("a", "Acme/Shop"), ("b", "acme/shop"))
    )
    assert len(groups(one, other)) == 1
    assert len(groups(one, other._replace(remote=f"{host}/acme/shop2"))) == 2


def test_a_host_that_tells_case_has_two():
    one, other = (
        Folder(at, at, at, f"git.example.com/{at_host}", True, sessions=1)
        for at, at_host in (("/a/shop", "Acme/shop"), ("/b/shop", "acme/shop"))
    )
    assert len(groups(one, other)) == 2


def test_what_was_said_of_a_remote_before_case_was_folded_holds():
    shop = Folder("/a/shop", "/a/shop", "/a/shop", "github.com/Acme/Shop", True, sessions=1)
    changes = PersonChanges(names={identity("remote:github.com/Acme/Shop"): "Corner"})
    assert names(shop, changes=changes) == ["Corner"]


@pytest.mark.long
def test_thousands_of_namesakes_are_told_apart_by_looking_at_each_path_once():
    """Each path compared with each other would take minutes."""
    folders = [f"/w/{n}/{n % 7}/api" for n in range(20_000)]
    shown: set[str] = set()

    def placed() -> None:
        projects = place([Folder(each, sessions=1) for each in folders]).projects
        shown.update(project.name for project in projects.values())

    assert least(lambda: thread_s(placed), 20) < 20
    assert (len(shown), "api (0/api)" in shown, "api (8/1/api)" in shown) == (
        len(folders),
        False,
        True,
    )
