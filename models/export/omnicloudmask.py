#!/usr/bin/env python3
"""OmniCloudMask as ONNX: both of its networks and the mean of their logits in one file.

    omnicloudmask.py --output omnicloudmask.onnx
    omnicloudmask.py --random --output random.onnx

Needs torch, timm, onnx and the package omnicloudmask (1.4 or later), which downloads its own weights. --random makes networks of
the same kind that know nothing, from timm and fastai, without the package.
"""

import argparse
import pathlib

import torch

import onnx_file

BANDS, CLASSES, PATCH = 3, 4, 1000
RANDOM_ENCODERS = ["regnety_004", "edgenext_small"]


class Ensemble(torch.nn.Module):
    """The mean of the logits of networks."""

    def __init__(self, networks: list[torch.nn.Module]):
        super().__init__()
        self.networks = torch.nn.ModuleList(networks)

    def forward(self, bands: torch.Tensor) -> torch.Tensor:
        # A plain tensor for each: the layers put attributes on what they get.
        logits = [network(bands + 0) for network in self.networks]
        return sum(logits) / len(logits)


def trained() -> Ensemble:
    from omnicloudmask.cloud_mask import collect_models

    networks = collect_models(custom_models=None, inference_device=torch.device("cpu"),
                              inference_dtype=torch.float32, source="hugging_face")
    return Ensemble([network.eval() for network in networks])


def random() -> Ensemble:
    import timm
    from fastai.vision.models.unet import DynamicUnet

    def unet(name: str) -> torch.nn.Module:
        encoder = timm.create_model(name, pretrained=False, in_chans=BANDS)
        body = torch.nn.Sequential(*list(encoder.children())[:-1])
        return DynamicUnet(body, CLASSES, (509, 509), act_cls=torch.nn.Mish).eval()

    return Ensemble([unet(name) for name in RANDOM_ENCODERS])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--random", action="store_true")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    onnx_file.write(random() if arguments.random else trained(), BANDS, PATCH, arguments.output)


if __name__ == "__main__":
    main()
