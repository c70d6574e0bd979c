"""What can compute here, as one line of JSON: ``python -m cnnviz_desktop.engine.device_report``.

`cnnviz doctor` runs it in a process of its own, so that it can report a torch that does not even import.
"""

import json
import sys

import torch

from cnnviz_desktop.engine.devices import choose_device


def main() -> None:
    """Write ``{"choice": sentence, "cuda": [[name, free bytes, bytes], …]}`` to standard output."""
    cuda = [
        (torch.cuda.get_device_name(index), *torch.cuda.mem_get_info(index))
        for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0)
    ]
    sys.stdout.write(json.dumps({"choice": choose_device("auto").reason, "cuda": cuda}))


if __name__ == "__main__":
    main()
