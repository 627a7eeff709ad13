"""The references of the learned networks are what numpy and scipy make of them today."""

import json

import numpy as np

import network_references


def flat(value) -> list:
    if isinstance(value, dict):
        return [entry for key in value for entry in [key, *flat(value[key])]]
    return [entry for part in value for entry in flat(part)] if isinstance(value, list) else [value]


def test_the_committed_references_are_up_to_date():
    committed = flat(json.loads(network_references.OUTPUT.read_text()))
    fresh = flat(json.loads(network_references.references()))
    assert len(committed) == len(fresh)
    for old, new in zip(committed, fresh):
        same = old == new or (isinstance(old, float) and isinstance(new, float) and np.isclose(old, new, rtol=1e-6))
        assert same, (old, new)
