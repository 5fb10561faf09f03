"""With this folder on PYTHONPATH no Python process, kernels included, reaches beyond its own machine."""

import ipaddress
import socket


class NetworkBlocked(RuntimeError):
    """Raised instead of a connection; no OSError, so that nobody takes it for a passing failure."""


def is_here(host: object) -> bool:
    """True for this machine: loopback addresses, its names, and no host at all."""
    if host in (None, "", b"", "localhost", socket.gethostname()):
        return True
    try:
        address = ipaddress.ip_address(host)
        return address.is_loopback or address.is_unspecified
    except ValueError:
        return False


def guard(owner: object, name: str, host_of) -> None:
    original = getattr(owner, name)

    def guarded(*args, **kwargs):
        host = host_of(*args)
        if not is_here(host):
            raise NetworkBlocked(f"the book runs without network; {name} wanted to reach {host!r}")
        return original(*args, **kwargs)

    setattr(owner, name, guarded)


def host_of_address(*args) -> object:
    """The host in the last argument, a socket's address; none for the path of a Unix socket."""
    return args[-1][0] if isinstance(args[-1], tuple) else None


for method in ("connect", "connect_ex", "sendto"):
    guard(socket.socket, method, host_of_address)
guard(socket, "getaddrinfo", lambda host, *rest: host)
