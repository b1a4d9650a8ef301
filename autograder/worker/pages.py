"""Memory in huge pages: a fork copies page tables, and those of 200 MB in small pages cost half of a worker's life."""

import ctypes

_HUGE = 2 * 2**20
_COLLAPSE = 25  # madvise's MADV_COLLAPSE, Linux 6.1; elsewhere refused, and nothing is lost


def use_huge_pages() -> None:
    """Moves this process's heap into huge pages, where the kernel has them."""
    libc = ctypes.CDLL(None)
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    with open("/proc/self/maps") as maps:
        regions = [line.split() for line in maps]
    for addresses, rights, _, _, _, *name in regions:
        if rights == "rw-p" and name in ([], ["[heap]"]):
            start, end = (int(address, 16) for address in addresses.split("-"))
            start, end = -(-start // _HUGE) * _HUGE, end // _HUGE * _HUGE
            if start < end:
                libc.madvise(start, end - start, _COLLAPSE)
