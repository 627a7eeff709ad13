#!/usr/bin/env python3
"""KappaMask for Level-1C as ONNX.

    kappamask.py --km-predict FOLDER --architecture Unet --weights l1c_unet.hdf5 --output kappamask-unet.onnx
    kappamask.py --km-predict FOLDER --architecture DeepLabv3Plus --weights l1c_deeplabv3plus.hdf5 \
        --output kappamask-deeplabv3plus.onnx
    kappamask.py --km-predict FOLDER --architecture Unet --random --output random.onnx

Needs tensorflow before 2.16 (Keras 2), tf2onnx, onnx before 1.18, scikit-learn and a copy of km_predict, whose own
`architectures.py` builds the network. --random leaves the weights as they are made. The network's axes (rows, columns,
bands) become (bands, rows, columns).
"""

import argparse
import pathlib
import sys

BANDS, CLASSES, PATCH = 13, 6, 512


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--km-predict", type=pathlib.Path, required=True)
    parser.add_argument("--architecture", choices=["Unet", "DeepLabv3Plus"], required=True)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--weights", type=pathlib.Path)
    source.add_argument("--random", action="store_true")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()

    sys.path.insert(0, str(arguments.km_predict))
    import tensorflow
    import tf2onnx
    from architectures import ARCH_MAP

    builder = ARCH_MAP[arguments.architecture]()
    builder.construct(PATCH, PATCH, BANDS, CLASSES)
    if arguments.weights is not None:
        builder.model.load_weights(str(arguments.weights))
    signature = [tensorflow.TensorSpec((None, PATCH, PATCH, BANDS), tensorflow.float32, name="input")]
    tf2onnx.convert.from_keras(builder.model, input_signature=signature, opset=17, output_path=str(arguments.output),
                               inputs_as_nchw=["input"], outputs_as_nchw=builder.model.output_names)
    print(f"{arguments.output} is written")


if __name__ == "__main__":
    main()
