import hashlib
import io
import os
import tarfile
import threading
from pathlib import Path

import pytest

from streammesh.errors.local import CacheUnusable, DownloadCorrupt, DownloadFailed
from streammesh.local.artifacts import Artifact
from streammesh.local.cache import ATTEMPTS, Cache, cache_folder


def artifact(name: str, content: bytes, packaging: str = "jar") -> Artifact:
    digest = hashlib.sha256(content).hexdigest()
    return Artifact(f"group:{name}:1:{packaging}", digest, len(content))


class Repository:
    """Hands out for each artifact one content after the other, the last one for ever."""

    def __init__(self, **contents: list[bytes | Exception]) -> None:
        self.contents = contents
        self.asked: list[str] = []

    def __call__(self, wanted, folder: Path, received) -> Path:
        name = wanted.parts[1]
        self.asked.append(name)
        queue = self.contents[name]
        content = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(content, Exception):
            raise content
        folder.mkdir(parents=True)
        received(len(content))
        path = folder / wanted.filename
        path.write_bytes(content)
        return path


def test_a_file_is_fetched_once(tmp_path):
    repository = Repository(a=[b"good"])
    one = artifact("a", b"good")
    cache = cache_in(tmp_path, repository)
    cache.ensure([one])
    cache.ensure([one])
    assert cache.path_of(one).read_bytes() == b"good"
    assert repository.asked == ["a"]


@pytest.mark.parametrize("bad", [b"goo", b"evil", OSError("connection lost")])
def test_a_bad_download_is_thrown_away_and_fetched_again(tmp_path, bad):
    one = artifact("a", b"good")
    cache = cache_in(tmp_path, Repository(a=[bad, b"good"]))
    cache.ensure([one])
    assert cache.path_of(one).read_bytes() == b"good"


def test_a_file_that_never_has_the_checksum_is_an_error(tmp_path):
    repository = Repository(a=[b"evil"])
    one = artifact("a", b"good")
    cache = cache_in(tmp_path, repository)
    with pytest.raises(DownloadCorrupt, match="group:a:1:jar"):
        cache.ensure([one])
    assert len(repository.asked) == ATTEMPTS
    assert not cache.path_of(one).exists()
    assert list((tmp_path / "partial").iterdir()) == []


def test_a_repository_that_fails_is_an_error_without_its_address(tmp_path):
    failure = OSError("no route to https://user:secret@example.com/a")
    cache = cache_in(tmp_path, Repository(a=[failure]))
    with pytest.raises(DownloadFailed) as caught:
        cache.ensure([artifact("a", b"good")])
    assert "secret" not in str(caught.value.as_dict())


def test_a_cached_file_that_was_damaged_is_fetched_again(tmp_path):
    one = artifact("a", b"good")
    cache = cache_in(tmp_path, Repository(a=[b"good"]))
    cache.ensure([one])
    cache.path_of(one).write_bytes(b"evil")
    assert cache.missing([one]) == (one,)
    cache.ensure([one])
    assert cache.path_of(one).read_bytes() == b"good"


def test_an_archive_is_unpacked_whole_or_not_at_all(tmp_path):
    content = tar({"plugin/one.jar": b"1"})
    one = artifact("a", content, "tar.gz")
    cache = cache_in(tmp_path, Repository(a=[content]))
    cache.ensure([one])
    assert (cache.path_of(one) / "plugin" / "one.jar").read_bytes() == b"1"
    assert [path.name for path in (tmp_path / "unpacked").iterdir()] == [cache.path_of(one).name]


def test_progress_counts_only_what_is_good(tmp_path):
    seen: list[tuple[int, int]] = []
    cache = cache_in(tmp_path, Repository(a=[b"evil!", b"good!"], b=[b"1234567"]))
    wanted = [artifact("a", b"good!"), artifact("b", b"1234567")]
    cache.ensure(wanted, lambda here, total: seen.append((here, total)))
    assert max(seen) == (12, 12)
    assert seen[-1] == (12, 12)


def test_one_failure_stops_the_other_downloads(tmp_path):
    failed = threading.Event()

    def fetch(wanted, folder, received):
        if wanted.parts[1] == "bad":
            failed.set()
            raise OSError("no")
        failed.wait(5)
        while True:
            received(1)

    cache = cache_in(tmp_path, fetch)
    with pytest.raises(DownloadFailed):
        cache.ensure([artifact("bad", b"123456"), artifact("endless", b"123")])


def test_what_a_killed_download_left_is_removed_later(tmp_path):
    fresh, old = tmp_path / "partial" / "fresh", tmp_path / "partial" / "old"
    for folder in (fresh, old):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    cache_in(tmp_path, Repository(a=[b"good"])).ensure([artifact("a", b"good")])
    assert fresh.exists()
    assert not old.exists()


def test_a_cache_that_can_not_be_written_is_an_error(tmp_path):
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(CacheUnusable, match=str(tmp_path)):
        cache_in(tmp_path, Repository(a=[b"good"])).ensure([artifact("a", b"good")])


def cache_in(folder: Path, fetch) -> Cache:
    return Cache(folder, fetch, pause_s=0)


def test_where_the_cache_is():
    home = {"HOME": "/users/ann"}
    assert cache_folder(home, "linux") == Path("/users/ann/.cache/streammesh")
    assert cache_folder(home | {"XDG_CACHE_HOME": "/x"}, "linux") == Path("/x/streammesh")
    assert cache_folder(home, "darwin") == Path("/users/ann/Library/Caches/streammesh")
    assert cache_folder(home | {"STREAMMESH_CACHE": "/c"}, "darwin") == Path("/c")


def tar(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()
