#!/usr/bin/env python3
"""CloudSEN12's UNetMobV2 as ONNX.

    cloudsen12_unetmobv2.py --weights UNetMobV2_V2.pt --output cloudsen12-unetmobv2.onnx
    cloudsen12_unetmobv2.py --random --output random.onnx

Needs torch, segmentation-models-pytorch and onnx. --random makes a network of the same architecture that knows nothing.
"""

import argparse
import pathlib

import segmentation_models_pytorch
import torch

import onnx_file

BANDS, CLASSES, PATCH = 13, 4, 512


def network(weights: pathlib.Path | None) -> torch.nn.Module:
    unet = segmentation_models_pytorch.Unet("mobilenet_v2", encoder_weights=None, in_channels=BANDS, classes=CLASSES)
    if weights is not None:
        state = torch.load(weights, map_location="cpu", weights_only=True)
        state = state.get("state_dict", state)
        # Training wrappers put their own names in front.
        state = {name.removeprefix("module.").removeprefix("model."): value for name, value in state.items()}
        unet.load_state_dict(state)
    return unet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--weights", type=pathlib.Path)
    source.add_argument("--random", action="store_true")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    onnx_file.write(network(arguments.weights), BANDS, PATCH, arguments.output)


if __name__ == "__main__":
    main()
