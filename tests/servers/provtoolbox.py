"""ProvToolbox, the other living implementation of PROV, as a judge: one JVM for many documents.

In: files. Out: what it says of each. It knows nothing of provstore.
"""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.servers.java import SHORT_LIVED, fetch, java_for

VERSION, JAVA = "2.2.1", 17
_HERE = Path(__file__).parent
_SECONDS = 400.0


def judged(files: Mapping[Path, Sequence[Path]], place: Path) -> dict[Path, str]:
    """Read each document and write it to those files, by their endings; "read", or the fault.

    Raises:
        ServerMissing: there is no JDK, or no Maven to fetch it with.

    """
    java = java_for("ProvToolbox", JAVA)
    goal = ("-f", str(_HERE / "provtoolbox.xml"), "dependency:copy-dependencies")
    jars = fetch(f"provtoolbox-{VERSION}", *goal, "-DincludeScope=runtime")
    listed = place / "list"
    lines = ("\t".join(map(str, (file, *outputs))) for file, outputs in files.items())
    listed.write_text("\n".join(lines) + "\n")
    answer = subprocess.run(
        [java, "-Xmx512m", *SHORT_LIVED, "-cp", f"{jars}/*", _HERE / "ProvToolbox.java", listed],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=True,
    )
    found = dict(line.partition("\t")[::2] for line in answer.stdout.splitlines())
    return {file: found.get(str(file), "no answer") for file in files}
