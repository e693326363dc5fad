"""All files of a job as one zip, streamed while fetched. Each is compared with the hash and size stated in the job.

A zip takes one download slot and keeps one file at a time in the temporary folder. Files that do not match or cannot
be fetched are left out; the list at the end gives the reason for each.
"""

import time
import zipfile
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from jobs.invopop import file_names
from jobs.invopop.job_payload import Attachment
from jobs.upstream import attachments
from jobs.upstream.attachments import NotFetched, Slot, Verdict

FILES, BYTES, SECONDS = 200, 500_000_000, 240
PIECE = 65_536
LIST = "SHA256.txt"
LEFT_OUT = "left out"


@dataclass
class _Sink:
    """Collects zipfile's output until it is sent. It cannot seek, so zipfile writes sizes behind each file."""

    pieces: list[bytes]

    def write(self, data: bytes) -> int:
        self.pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Required by zipfile."""

    def taken(self) -> bytes:
        data, self.pieces = b"".join(self.pieces), []
        return data


class Bundle:
    """The bytes of a zip. Its slot is released when it is closed or garbage-collected."""

    def __init__(self, job_id: str, files: Sequence[Attachment]) -> None:
        """Raises NotFetched if no slot is free."""
        self._slot = Slot()
        names = file_names.distinct([LIST, *(file_names.download_name(job_id, each) for each in files)])[1:]
        self._pieces = _zipped(list(zip(names, files, strict=True)))

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._pieces.close()
        self._slot.release()


def _zipped(files: Sequence[tuple[str, Attachment]]) -> Generator[bytes, None, None]:
    sink, listed, size, until = _Sink([]), [], 0, time.monotonic() + SECONDS
    with zipfile.ZipFile(sink, "w") as archive:  # type: ignore[call-overload]
        for at, (name, file) in enumerate(files):
            if at >= FILES or size > BYTES or time.monotonic() > until:
                listed.append(_line(name, LEFT_OUT))
                continue
            try:
                fetched = attachments.fetch(file, has_slot=True)
            except NotFetched as error:
                listed.append(_line(name, error.why))
                continue
            with fetched.content as content:
                listed.append(_line(name, fetched.verdict, fetched.sha256))
                if fetched.verdict == Verdict.DIFFERS:
                    continue
                size += fetched.size
                with archive.open(_entry(name), "w") as entry:
                    while piece := content.read(PIECE):
                        entry.write(piece)
                        yield sink.taken()
            yield sink.taken()
        archive.writestr(_entry(LIST), "".join(listed))
    yield sink.taken()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, time.gmtime()[:6])
    entry.external_attr = 0o644 << 16
    return entry


def _line(name: str, verdict: str, sha256: str = "") -> str:
    """A line of a checksum file, "<SHA-256>  <name>"; for a missing file a comment with the reason."""
    if verdict in {Verdict.MATCHES, Verdict.UNSTATED}:
        return f"{sha256}  {name}\n"
    return f"# {name}: {'does not match the job' if verdict == Verdict.DIFFERS else verdict}\n"
