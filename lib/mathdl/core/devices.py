"""Which device torch computes on."""

from __future__ import annotations


def resolve_device(device: str = "auto", *, double: bool = False) -> str:
    """`device`, or for "auto" the first that is there of CUDA, Apple's MPS and the CPU.

    `double` leaves MPS out, which has no float64. Raises ValueError if torch cannot use the device.
    """
    import torch

    if device == "auto":
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() and not double else "cpu"
    try:
        torch.zeros(1, device=device, dtype=torch.float64 if double else None)
    except (RuntimeError, AssertionError, TypeError) as error:
        raise ValueError(f"device: expected 'auto' or a device that torch can use; got {device!r} "
                         f"({str(error).splitlines()[0]})") from None
    return device
