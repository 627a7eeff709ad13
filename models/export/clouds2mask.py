#!/usr/bin/env python3
"""CloudS2Mask as ONNX, with the statistics of its bands as the first step of the network.

    clouds2mask.py --weights v3.44_regnety_006_4C_Dice_1_20m.pkl [SECOND.pkl] --output clouds2mask.onnx
    clouds2mask.py --random --output random.onnx

Needs torch, timm, fastai, onnx, and the package clouds2mask, from which the statistics are read. The weights are pickles,
which run code when they are opened: use only files that you trust. With two of them their probabilities are averaged, as
the package's ensemble does. --random makes a network of the same architecture that knows nothing, without the package, with
statistics 0 and 1.
"""

import argparse
import pathlib

import torch

import onnx_file

BAND_NAMES = ["B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12"]
CLASSES, PATCH = 4, 500


class Ensemble(torch.nn.Module):
    """Networks that see standardised bands: the logarithm of their summed probabilities, which is a logit as well."""

    def __init__(self, networks: list[torch.nn.Module], mean: torch.Tensor, deviation: torch.Tensor):
        super().__init__()
        self.networks = torch.nn.ModuleList(networks)
        self.register_buffer("mean", mean.reshape(1, -1, 1, 1))
        self.register_buffer("deviation", deviation.reshape(1, -1, 1, 1))

    def forward(self, bands: torch.Tensor) -> torch.Tensor:
        standardised = (bands - self.mean) / self.deviation
        # The plain tensor: fastai's layers put attributes on what they get.
        each = [network(standardised + 0).log_softmax(1) for network in self.networks]
        return torch.stack(each).logsumexp(0)


def trained(weights: list[pathlib.Path]) -> Ensemble:
    from clouds2mask.processing_settings import get_normalization_stats

    mean, deviation = get_normalization_stats(torch.device("cpu"), False, "L1C", BAND_NAMES)
    networks = [torch.load(path, map_location="cpu", weights_only=False).float().eval() for path in weights]
    return Ensemble(networks, mean, deviation)


def random() -> Ensemble:
    import timm
    from fastai.vision.learner import create_timm_model, create_unet_model  # noqa: F401
    from fastai.vision.models.unet import DynamicUnet

    encoder = timm.create_model("regnety_006", pretrained=False, in_chans=len(BAND_NAMES), features_only=False)
    body = torch.nn.Sequential(*list(encoder.children())[:-1])
    unet = DynamicUnet(body, CLASSES, (PATCH, PATCH)).eval()
    return Ensemble([unet], torch.zeros(len(BAND_NAMES)), torch.ones(len(BAND_NAMES)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--weights", type=pathlib.Path, nargs="+")
    source.add_argument("--random", action="store_true")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    network = random() if arguments.random else trained(arguments.weights)
    onnx_file.write(network, len(BAND_NAMES), PATCH, arguments.output)


if __name__ == "__main__":
    main()
