"""What the machine offers."""

import platform

from seglab import hardware


def test_the_processor_has_a_name() -> None:
    assert hardware.processor()


def test_freed_memory_is_kept_where_the_c_library_can() -> None:
    assert hardware.keep_freed_memory() == (platform.libc_ver()[0] == "glibc")
