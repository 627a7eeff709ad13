"""The export scripts, run on networks of each architecture that know nothing: what they write is what the manifests say."""

import pathlib
import subprocess
import sys
import tomllib

import numpy as np
import onnxruntime
import pytest

MODELS = pathlib.Path(__file__).resolve().parents[2] / "models"
EXPORT = MODELS / "export"
LARGEST_DIFFERENCE = 1e-5

# Stands for km_predict's architectures.py: the axes, the steps and the sigmoids of its U-Net, but few filters.
ARCHITECTURES = """
import tensorflow as tf

class Network:
    def construct(self, rows, columns, bands, classes):
        layers = tf.keras.layers
        bands = layers.Input((rows, columns, bands), name="input")
        fine = layers.Conv2D(8, 3, activation="relu", padding="same")(bands)
        coarse = layers.Conv2D(12, 3, activation="relu", padding="same")(layers.MaxPool2D()(fine))
        coarse = layers.BatchNormalization()(coarse)
        joined = layers.concatenate([fine, layers.UpSampling2D()(coarse)], axis=3)
        scores = layers.Conv2D(classes, 1, activation="sigmoid")(joined)
        self.model = tf.keras.Model(bands, scores)

ARCH_MAP = {"Unet": Network, "DeepLabv3Plus": Network}
"""


def export(script: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, EXPORT / script, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def opened(model: str, path: pathlib.Path) -> onnxruntime.InferenceSession:
    """The network, whose input and output are those of the manifest."""
    manifest = tomllib.loads((MODELS / f"{model}.toml").read_text())
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (given,), (asked,) = session.get_outputs(), session.get_inputs()
    patch = manifest["network"]["patch"]
    assert asked.shape[1:] == [len(manifest["bands"]), patch, patch]
    assert given.shape[1] == len(manifest["classes"])
    return session


@pytest.mark.parametrize("script, model", [
    ("cloudsen12_unetmobv2.py", "cloudsen12-unetmobv2"),
    ("clouds2mask.py", "clouds2mask"),
    ("omnicloudmask.py", "omnicloudmask"),
])
def test_a_network_of_torch_gives_the_same_as_its_file(tmp_path, script, model):
    # The script itself compares the two.
    said = export(script, "--random", "--output", str(tmp_path / "network.onnx"))
    difference = said.partition("differs from the network by at most")[2]
    assert float(difference) < LARGEST_DIFFERENCE
    opened(model, tmp_path / "network.onnx")


def test_the_probabilities_of_an_ensemble_of_clouds2mask_are_averaged():
    import torch

    sys.path.append(str(EXPORT))
    import clouds2mask

    torch.manual_seed(1)
    networks = [torch.nn.Conv2d(13, 4, 3, padding=1) for _ in range(2)]
    bands = torch.randn(1, 13, 8, 8) * 9
    with torch.no_grad():
        together = clouds2mask.Ensemble(networks, torch.zeros(13), torch.ones(13))(bands).softmax(1)
        each = [network(bands).softmax(1) for network in networks]
    assert torch.allclose(together, (each[0] + each[1]) / 2, atol=LARGEST_DIFFERENCE)


@pytest.mark.parametrize("architecture, model", [("Unet", "kappamask-unet"), ("DeepLabv3Plus", "kappamask-deeplabv3plus")])
def test_a_network_of_keras_gives_the_same_as_its_file(tmp_path, architecture, model):
    import tensorflow

    (tmp_path / "architectures.py").write_text(ARCHITECTURES)
    names = {}
    exec(ARCHITECTURES, names)
    tensorflow.random.set_seed(1)
    network = names["ARCH_MAP"][architecture]()
    network.construct(512, 512, 13, 6)
    weights, path = tmp_path / "weights.hdf5", tmp_path / "network.onnx"
    network.model.save_weights(str(weights))
    export("kappamask.py", "--km-predict", str(tmp_path), "--architecture", architecture, "--weights", str(weights),
           "--output", str(path))
    bands = np.random.default_rng(1).random((1, 512, 512, 13), dtype=np.float32)
    session = opened(model, path)
    given = session.run(None, {"input": bands.transpose(0, 3, 1, 2)})[0].transpose(0, 2, 3, 1)
    assert np.abs(given - network.model(bands).numpy()).max() < LARGEST_DIFFERENCE
