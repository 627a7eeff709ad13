"""What no tracked file may hold, so that a clone builds anywhere and carries nobody's data."""

import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).parents[2]
CRATES_INDEX = "registry+https://github.com/rust-lang/crates.io-index"

# Paths of one machine, and hosts of package registries.
FORBIDDEN = re.compile(
    r"(?<![\w./-])/(?:home|root|Users|work|tmp/wt)/"
    r"|\b(?:index|static)\.crates\.io|\bpypi\.org|\bfiles\.pythonhosted\.org|\bregistry\.npmjs"
    r"|\brepo1?\.maven|\bdeb\.debian\.org|\bproxy\.golang"
    r"|--(?:extra-)?index-url|--trusted-host"
)


def tracked() -> list[pathlib.Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [pathlib.Path(name) for name in names.split("\0") if (ROOT / name).is_file()]


def test_no_tracked_file_names_a_machine_or_a_registry():
    found = []
    for name in tracked():
        if ROOT / name == pathlib.Path(__file__):
            continue
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
        found += [f"{name}:{number}: {line.strip()[:120]}"
                  for number, line in enumerate(text.splitlines(), start=1) if FORBIDDEN.search(line)]
    assert found == []


def test_every_crate_comes_from_the_public_index():
    sources = set(re.findall(r'^source = "(.*)"$', (ROOT / "Cargo.lock").read_text(), flags=re.MULTILINE))
    assert sources == {CRATES_INDEX}


def test_no_real_data_is_tracked():
    formats = {".jp2", ".npy", ".npz", ".mat", ".hgt", ".nc", ".h5", ".grib", ".onnx"}
    assert [name for name in tracked() if name.suffix.lower() in formats] == []


def test_requirements_are_exact():
    for name in ("tests/reference/requirements.txt", "tests/reference/optional.txt", "tests/bench/requirements.txt",
                 "tests/exports/requirements.txt"):
        loose = [line for line in (ROOT / name).read_text().splitlines()
                 if line and not line.startswith("#") and not re.fullmatch(r"[\w.-]+==[\w.]+", line)]
        assert loose == [], name


def test_the_science_crate_reaches_for_nothing_outside():
    """Beside clippy.toml's list, which names single functions: no such module at all, no unsafe code."""
    outside = re.compile(r"\bstd::(?:fs|net|process|env|time|thread)\b|\bunsafe\b")
    found = [f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
             for path in sorted((ROOT / "rust/clearshore/src").rglob("*.rs"))
             for number, line in enumerate(path.read_text().splitlines(), start=1)
             if outside.search(line.partition("//")[0])]
    assert found == []
