"""The compiled kernel is built, used, switched off and removed by a word, and never needed."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from sim.kernel import functions
from sim.kernel.build import compiler

needs_compiler = pytest.mark.skipif(compiler() is None, reason="no C compiler for the kernel")


def probsim(cache: Path, *words: str, **changed: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in ("CC", "PROBSIM_KERNEL")}
    environment |= {"XDG_CACHE_HOME": str(cache), **changed}
    return subprocess.run(
        [sys.executable, "-m", "sim", *words], capture_output=True, text=True, env=environment, check=False
    )


@needs_compiler
def test_the_kernel_is_built_used_switched_off_and_removed(tmp_path: Path) -> None:
    assert "no compiled kernel" in probsim(tmp_path, "kernel").stdout
    built = probsim(tmp_path, "kernel", "build")
    assert (built.returncode, built.stderr) == (0, "")
    assert "Runs use the compiled kernel" in built.stdout
    assert {path.suffix for path in tmp_path.rglob("*") if path.is_file()} == {".so", ".sha256"}
    unsaid = probsim(tmp_path, "kernel", PROBSIM_KERNEL="banana").stdout
    assert "PROBSIM_KERNEL=banana is none of off, 0, no, false, on, 1, yes, true: it switches nothing." in unsaid
    assert "Runs use the compiled kernel" in unsaid
    for word in ("off", "OFF", "0"):
        assert "switched off" in probsim(tmp_path, "kernel", PROBSIM_KERNEL=word).stdout
    assert "The compiled kernel is removed." in probsim(tmp_path, "kernel", "remove").stdout
    again = probsim(tmp_path, "kernel", "remove").stdout
    assert "no compiled kernel" in again
    assert "removed" not in again


@needs_compiler
def test_a_kernel_that_cannot_be_loaded_is_not_used(tmp_path: Path) -> None:
    probsim(tmp_path, "kernel", "build")
    (library,) = (path for path in tmp_path.rglob("*.so"))
    for damaged in (b"not a library", library.read_bytes()[:3000], b""):
        library.write_bytes(damaged)
        said = probsim(tmp_path, "kernel")
        assert said.returncode == 0
        assert "cannot be loaded: runs use plain Python" in said.stdout


@needs_compiler
def test_a_library_that_lacks_a_function_is_no_kernel(tmp_path: Path) -> None:
    (tmp_path / "stub.c").write_text(f"long long kernel_abi(void) {{ return {functions._ABI}; }}", encoding="ascii")
    found = compiler()
    assert found is not None
    subprocess.run(
        [*shlex.split(found), "-shared", "-fPIC", "-o", tmp_path / "stub.so", tmp_path / "stub.c"], check=True
    )
    with pytest.raises(functions.KernelError, match=r"stub\.so cannot be loaded: .*undefined symbol"):
        functions.Kernel(tmp_path / "stub.so")


def test_what_cannot_be_done_is_refused_in_words(tmp_path: Path) -> None:
    wrong = probsim(tmp_path, "kernel", "biuld")
    assert wrong.returncode == 2
    assert 'got "biuld"' in wrong.stderr
    assert "build" in wrong.stderr.split("did you mean")[1]
    failing = probsim(tmp_path, "kernel", "build", CC=sys.executable)
    assert failing.returncode == 2
    assert "the kernel was not built" in failing.stderr
    missing = probsim(tmp_path, "kernel", "build", CC=str(tmp_path / "nowhere"))
    assert missing.returncode == 2
    assert "nowhere" in missing.stderr
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    blocked = probsim(in_the_way, "kernel", "build")
    assert (blocked.returncode, "Traceback" in blocked.stderr) == (2, False)
    in_the_way.unlink()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
