"""Writes a PyTorch network as ONNX the way Clearshore reads it, and compares the two."""

import pathlib

import numpy as np
import torch

OPSET = 17
LARGEST_DIFFERENCE = 1e-3  # of a logit


def write(network: torch.nn.Module, bands: int, patch: int, path: pathlib.Path) -> None:
    """One input `input` and one output `output`, both (patches, bands or classes, rows, columns) in float32."""
    network = network.eval().float().cpu()
    example = torch.randn(1, bands, patch, patch, generator=torch.Generator().manual_seed(1))
    names = {"input_names": ["input"], "output_names": ["output"], "opset_version": OPSET, "do_constant_folding": True}
    with torch.no_grad():
        torch.onnx.export(network, (example,), str(path), dynamo=False,
                          dynamic_axes={"input": {0: "patches"}, "output": {0: "patches"}}, **names)
        expected = network(example).numpy()
    try:
        import onnxruntime
    except ImportError:
        print(f"{path} is written; onnxruntime is not installed: not compared")
        return
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    given = session.run(None, {"input": example.numpy()})[0]
    difference = float(np.abs(given - expected).max())
    if given.shape != expected.shape or difference > LARGEST_DIFFERENCE:
        raise SystemExit(f"{path} differs from the network: {given.shape} for {expected.shape}, by {difference:g}")
    print(f"{path} is written: {given.shape[1]} classes, differs from the network by at most {difference:.2g}")
