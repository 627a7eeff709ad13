"""`clearshore evaluate` against scikit-learn, numpy and scipy on the same arrays."""

import json
import pathlib
import shutil
import subprocess

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from scipy import ndimage
from sklearn import metrics

ROOT = pathlib.Path(__file__).parents[2]
EXACT = 1e-12
PATCH = 509
LEAST_PIXELS = (PATCH * PATCH + 1) // 2
PLACE = (300_000.0, 4_900_020.0)

# Values of clearshore_class.
INVALID, LAND, WATER, SNOW, CLOUD, THIN, SHADOW, RELIEF, GLINT, WHITECAP = range(10)

# Which values of clearshore_class each experiment asks for: (asked about, yes).
EVERYTHING = set(range(1, 10))
EXPERIMENTS = {
    "cloud": (EVERYTHING, {CLOUD, THIN}),
    "thick_cloud": (EVERYTHING - {THIN}, {CLOUD}),
    "thin_cloud": (EVERYTHING - {CLOUD}, {THIN}),
    "shadow": (EVERYTHING, {SHADOW}),
    "invalid": (EVERYTHING, {CLOUD, THIN, SHADOW}),
    "snow": (EVERYTHING, {SNOW}),
    "water": ({LAND, WATER, GLINT, WHITECAP}, {WATER, GLINT, WHITECAP}),
}


@pytest.fixture(scope="session")
def program() -> pathlib.Path:
    """The program, built from this tree."""
    if shutil.which("cargo") is None:
        pytest.skip("no cargo")
    command = ["cargo", "build", "--quiet", "--locked", "-p", "clearshore-cli", "--message-format", "json"]
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    programs = [message.get("executable") for message in map(json.loads, lines)
                if message.get("target", {}).get("name") == "clearshore" and message.get("executable")]
    return pathlib.Path(programs[-1])


def write(path: pathlib.Path, values: np.ndarray, pixel_size: float = 10.0, place=PLACE) -> pathlib.Path:
    with rasterio.open(path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1,
                       dtype=values.dtype, crs="EPSG:32631", compress="deflate",
                       transform=from_origin(*place, pixel_size, pixel_size)) as raster:
        raster.write(values, 1)
    return path


def evaluate(program, *arguments) -> dict:
    command = [program, "evaluate", "--json", *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def blobs(random, shape, classes, size):
    """Smooth patches of the classes."""
    fields = [ndimage.gaussian_filter(random.standard_normal(shape), size) for _ in classes]
    return np.asarray(classes, np.uint8)[np.argmax(fields, axis=0)]


def scene(seed, shape, kind):
    """Truth and a mask that errs, values of clearshore_class."""
    random = np.random.default_rng(seed)
    classes = [INVALID, LAND, LAND, WATER, WATER, SNOW, CLOUD, CLOUD, THIN, SHADOW, RELIEF, GLINT, WHITECAP]
    if kind == "random":
        return tuple(random.choice(classes, shape).astype(np.uint8) for _ in range(2))
    truth = blobs(random, shape, classes, 12)
    mask = np.roll(truth, (3, -2), (0, 1))
    errs = ndimage.gaussian_filter(random.standard_normal(shape), 6) > 0.05
    return truth, np.where(errs, blobs(random, shape, classes, 20), mask).astype(np.uint8)


def answers(experiment, truth, mask):
    """Which pixels are asked about; the truth's and the mask's answers everywhere."""
    domain, yes = (list(part) for part in EXPERIMENTS[experiment])
    called = [CLOUD, THIN] if experiment in ("thick_cloud", "thin_cloud") else yes
    asked = np.isin(truth, domain)
    if experiment == "water":
        asked &= np.isin(mask, domain)
    return asked, np.isin(truth, yes), np.isin(mask, called)


def figures(truth, called):
    """scikit-learn's figures; none where a ratio would be 0/0. Of many pixels only the four outcomes are handed over,
    weighted by how often they occur: that is the same, and fast."""
    weights = np.bincount(2 * truth + called, minlength=4)
    tn, fp, fn, tp = weights
    answer, call = np.array([(False, False), (False, True), (True, False), (True, True)]).T
    weighed = {"sample_weight": weights}
    occurs, contrary, is_called = tp + fn > 0, tn + fp > 0, tp + fp > 0
    boa = metrics.balanced_accuracy_score(answer, call, **weighed) if occurs and contrary else None
    either = occurs or is_called
    return {
        "tp": tp, "fp": fp, "fn": fn, "tn": tn,
        "pa": metrics.recall_score(answer, call, **weighed) if occurs else None,
        "ua": metrics.precision_score(answer, call, **weighed) if is_called else None,
        "tnr": metrics.recall_score(~answer, ~call, **weighed) if contrary else None,
        "boa": boa,
        "ber": None if boa is None else 1 - boa,
        "f1": metrics.f1_score(answer, call, **weighed) if either else None,
        "f2": metrics.fbeta_score(answer, call, beta=2, **weighed) if either else None,
        "iou": metrics.jaccard_score(answer, call, **weighed) if either else None,
        "oa": metrics.accuracy_score(answer, call, **weighed) if weights.any() else None,
    }


def assert_figures(report, expected, where):
    for name, value in expected.items():
        if value is None:
            assert report[name] is None, (where, name)
        else:
            assert report[name] == pytest.approx(value, abs=EXACT, rel=0), (where, name)


def patches(valid):
    """Slices of the patches that have figures of their own."""
    cuts = [slice(row, row + PATCH) for row in range(0, valid.shape[0], PATCH)]
    across = [slice(column, column + PATCH) for column in range(0, valid.shape[1], PATCH)]
    return [(r, c) for r in cuts for c in across if valid[r, c].sum() >= LEAST_PIXELS]


def assert_experiment(report, asked, yes, called, valid, where):
    assert_figures(report, figures(yes[asked], called[asked]), where)
    each = [figures(yes[at][asked[at]], called[at][asked[at]]) for at in patches(valid)]
    for name in ("pa", "ua", "boa"):
        values = np.array([patch[name] for patch in each if patch[name] is not None])
        spread = report["patches"][name]
        assert spread["patches"] == len(values), (where, name)
        if len(values) == 0:
            continue
        for key, percent in (("q1", 25), ("median", 50), ("q3", 75)):
            assert spread[key] == pytest.approx(np.percentile(values, percent), abs=EXACT, rel=0), (where, name, key)
        assert spread["low"] == pytest.approx(np.mean(values < 0.1), abs=EXACT), (where, name)
        assert spread["high"] == pytest.approx(np.mean(values > 0.9), abs=EXACT), (where, name)
        assert spread["low"] + spread["middle"] + spread["high"] == pytest.approx(1.0)


def within(mask, distance):
    """Pixels whose centre is at most so many pixels from one of the mask."""
    if not mask.any():
        return np.zeros_like(mask)
    return ndimage.distance_transform_edt(~mask) <= distance + 1e-9


@pytest.mark.parametrize("kind, shape", [("random", (509, 800)), ("blobs", (620, 1300)), ("blobs", (300, 200))])
def test_experiments_patches_rims_and_buffers(program, tmp_path, kind, shape):
    truth, mask = scene(7, shape, kind)
    document = evaluate(program, "--truth", write(tmp_path / "truth.tif", truth),
                        "--mask", write(tmp_path / "mask.tif", mask),
                        "--tolerance", 5, "--buffer", 75)
    report = document["report"]
    assert document["scenes"][0]["report"] == report
    valid = truth != INVALID
    assert report["pixels"]["valid"] == valid.sum()
    assert report["pixels"]["undecided"] == (valid & (mask == INVALID)).sum()
    assert report["pixels"]["patches"] == len(patches(valid))
    assert set(report["scores"]) == {"plain", "tolerance_5", "common_buffer_75"}

    plain = report["scores"]["plain"]["experiments"]
    assert set(plain) == set(EXPERIMENTS)
    for name in EXPERIMENTS:
        asked, yes, called = answers(name, truth, mask)
        assert_experiment(plain[name], asked, yes, called, valid, name)
        # Thick and thin cloud share the boundary of cloud.
        of = "cloud" if name.endswith("_cloud") else name
        domain, positive = (list(part) for part in EXPERIMENTS[of])
        in_domain, is_positive = np.isin(truth, domain), np.isin(truth, positive)
        rim = within(in_domain & is_positive, 5) & ~is_positive
        rim |= within(in_domain & ~is_positive, 5) & is_positive
        assert report["scores"]["tolerance_5"]["tolerance"] == 5
        scores = report["scores"]["tolerance_5"]["experiments"][name]
        assert_experiment(scores, asked & ~rim, yes, called, valid, (name, "rim"))

    buffered = report["scores"]["common_buffer_75"]
    assert buffered["common_buffer"] == 75
    assert set(buffered["experiments"]) == {"cloud", "shadow", "invalid"}
    for name, experiment in buffered["experiments"].items():
        asked, yes, called = answers(name, truth, mask)
        assert_experiment(experiment, asked, within(yes, 7.5), within(called, 7.5), valid, (name, "buffer"))


def test_figures_of_whole_planes(program, tmp_path):
    truth, mask = scene(2, (300, 400), "blobs")
    report = evaluate(program, "--truth", write(tmp_path / "truth.tif", truth),
                      "--mask", write(tmp_path / "mask.tif", mask))["report"]
    for name in ("cloud", "shadow", "invalid"):
        asked, yes, called = answers(name, truth, mask)
        yes, called = yes[asked], called[asked]
        (tn, fp), (fn, tp) = metrics.confusion_matrix(yes, called)
        assert_figures(report["scores"]["plain"]["experiments"][name], {
            "tp": tp, "fp": fp, "fn": fn, "tn": tn,
            "pa": metrics.recall_score(yes, called),
            "ua": metrics.precision_score(yes, called),
            "boa": metrics.balanced_accuracy_score(yes, called),
            "f1": metrics.f1_score(yes, called),
            "f2": metrics.fbeta_score(yes, called, beta=2),
            "iou": metrics.jaccard_score(yes, called),
            "oa": metrics.accuracy_score(yes, called),
        }, name)


def test_matrix_and_mean_iou(program, tmp_path):
    truth, mask = scene(3, (400, 700), "blobs")
    report = evaluate(program, "--truth", write(tmp_path / "truth.tif", truth),
                      "--mask", write(tmp_path / "mask.tif", mask))["report"]
    names = ["undecided", "clear", "land", "water", "snow", "shadow", "thin", "cloud"]
    assert report["confusion"]["categories"] == names
    category = np.array([0, 2, 3, 4, 7, 6, 5, 1, 3, 3])
    expected = metrics.confusion_matrix(category[truth].ravel(), category[mask].ravel(), labels=range(8))
    assert np.array_equal(report["confusion"]["pixels"], expected)
    # Undecided pixels are a class of the mask alone.
    four = np.array([-1, 0, 0, 0, 1, 2, 3, 0, 0, 0])
    valid = truth != INVALID
    iou = metrics.jaccard_score(four[truth[valid]], four[mask[valid]], labels=range(4), average=None)
    assert report["mean_iou"]["mean"] == pytest.approx(iou.mean(), abs=EXACT)
    for name, value in zip(("clear", "cloud", "thin", "shadow"), iou):
        assert report["mean_iou"][name] == pytest.approx(value, abs=EXACT)


def test_flags_and_their_own_buffers(program, tmp_path):
    """Flags at 20 m on a grid that reaches beyond one side of the truth and not to the other."""
    truth, other = scene(11, (640, 720), "blobs")
    coarse = other[::2, ::2]
    bits = np.array([0, 10, 15, 6, 3, 2, 5, 18, 24, 25])
    flags = (1 << bits[coarse]).astype(np.int32)
    flags[np.isin(coarse, [CLOUD, THIN])] |= 1 << 1
    flags[np.isin(coarse, [WATER, GLINT, WHITECAP])] |= 1 << 15
    cloud = within(np.isin(coarse, [CLOUD, THIN]), 3)
    shadow = within(coarse == SHADOW, 4)
    flags[cloud] |= 1 << 4
    flags[shadow] |= 1 << 27
    place = (PLACE[0] - 200.0, PLACE[1] - 400.0)
    report = evaluate(program, "--truth", write(tmp_path / "truth.tif", truth), "--buffer", 0, "--tolerance", 0,
                      "--mask", write(tmp_path / "flags.tif", flags, 20.0, place))["report"]
    assert set(report["scores"]) == {"plain", "own_buffer"}

    def on_truth(plane):
        result = np.zeros(truth.shape, plane.dtype)
        fine = plane.repeat(2, axis=0).repeat(2, axis=1)
        part = fine[: truth.shape[0] - 40, 20: 20 + truth.shape[1]]
        result[40: 40 + part.shape[0], : part.shape[1]] = part
        return result

    # Relief shadow of an unknown surface is clear, but neither land nor water.
    mask = on_truth(coarse)
    valid = truth != INVALID
    assert report["pixels"]["undecided"] == (valid & (mask == INVALID)).sum()
    for name in EXPERIMENTS:
        asked, yes, called = answers(name, truth, mask)
        assert_experiment(report["scores"]["plain"]["experiments"][name], asked, yes, called, valid, name)
    own = report["scores"]["own_buffer"]
    assert own["own_buffer"] and set(own["experiments"]) == set(EXPERIMENTS) - {"snow", "water"}
    for name, experiment in own["experiments"].items():
        asked, yes, called = answers(name, truth, mask)
        if name != "shadow":
            called |= on_truth(cloud)
        if name in ("shadow", "invalid"):
            called |= on_truth(shadow)
        assert_experiment(experiment, asked, yes, called, valid, (name, "own"))


def test_other_codes(program, tmp_path):
    truth, mask = scene(5, (300, 400), "blobs")
    # Land, water, snow, cloud, thin, shadow and relief shadow as each program writes them.
    tables = {
        "fmask": [0, 1, 5, 4, 2, 2, 3, 1, 5, 5],
        "fmask4": [255, 0, 1, 3, 4, 4, 2, 0, 1, 1],
        "scl": [0, 4, 6, 11, 9, 10, 3, 2, 6, 6],
        "cloudsen12": [0, 0, 0, 0, 1, 2, 3, 0, 0, 0],
        "s2cloudless": [0, 0, 0, 0, 1, 1, 0, 0, 0, 0],
        "csmask": [0, 0, 0, 0, 1, 1, 2, 0, 0, 0],
    }
    allowed = {"fmask": {"snow", "water"}, "fmask4": {"snow", "water"}, "scl": {"snow", "water"}}
    truth_file = write(tmp_path / "truth.tif", truth)
    for codes, table in tables.items():
        file = write(tmp_path / f"{codes}.tif", np.array(table, np.uint8)[mask])
        document = evaluate(program, "--truth", truth_file, "--mask", file, "--codes", codes)
        experiments = document["report"]["scores"]["plain"]["experiments"]
        names = {"cloud", "thick_cloud", "thin_cloud"} | allowed.get(codes, set())
        names |= set() if codes == "s2cloudless" else {"shadow", "invalid"}
        assert set(experiments) == names, codes
        for name in names - {"water"}:
            asked, yes, called = answers(name, truth, mask)
            assert_experiment(experiments[name], asked, yes, called, truth != INVALID, (codes, name))
        assert (document["report"]["mean_iou"] is None) == (codes not in ("scl", "cloudsen12"))


def truth_folder(folder, seed, shape, elevation):
    """A truth folder with every layer that strata need, and the strata as masks."""
    folder.mkdir()
    random = np.random.default_rng(seed)
    truth, mask = scene(seed, shape, "blobs")
    deep, estuary, reef, surf, ice, meadow, quartz, coral, snow = 1, 4, 5, 7, 10, 20, 23, 24, 30
    surface = blobs(random, shape, [deep, estuary, reef, surf, ice, meadow, quartz, coral, snow], 25)
    surface[:, : shape[1] // 3] = deep
    water = (surface <= surf).astype(np.uint8)
    relief = blobs(random, shape, [0, 0, 1, 2], 9)
    glint = {band: random.integers(0, 130, shape).astype(np.uint16) for band in ("B03", "B11")}
    glint["B03"][0] = 65_535
    glint["B11"][0] = 65_535
    write(folder / "class.tif", truth)
    write(folder / "surface.tif", surface)
    write(folder / "water.tif", water)
    write(folder / "surf.tif", (surface == surf).astype(np.uint8))
    write(folder / "relief_shadow.tif", relief)
    for band, values in glint.items():
        write(folder / f"glint_reflectance_{band}.tif", values)
    (folder / "scene.json").write_text(json.dumps({"sunElevation": elevation}))
    valid = truth != INVALID
    bright = [(values >= 100) & (values < 65_535) for values in glint.values()]
    coast = np.zeros(shape, bool)
    for at in patches(valid):
        coast[at] = 0.05 <= water[at][valid[at]].mean() <= 0.95
    return truth, mask, {
        "whole": valid,
        "land": surface >= meadow,
        "water": water == 1,
        "coast": coast,
        "sand": np.isin(surface, [quartz, coral]),
        "surf": surface == surf,
        "reef": surface == reef,
        "turbid": surface == estuary,
        "glint": (bright[0] | bright[1]) & (water == 1),
        "snow": np.isin(surface, [ice, snow]),
        "relief": relief > 0,
        "low_sun": np.full(shape, elevation < 20),
    }


def test_strata_and_several_scenes(program, tmp_path):
    first = truth_folder(tmp_path / "a_truth", 21, (600, 1100), 19.5)
    second = truth_folder(tmp_path / "b_truth", 22, (509, 530), 40.0)
    files = [write(tmp_path / f"{name}.tif", part[1]) for name, part in (("a", first), ("b", second))]
    document = evaluate(program, "--truth", tmp_path / "a_truth", "--mask", files[0],
                        "--truth", tmp_path / "b_truth", "--mask", files[1])

    def assert_strata(report, parts):
        assert report["strata_left_out"] == []
        all_valid = sum((truth != INVALID).sum() for truth, _, _ in parts)
        assert set(report["strata"]) == set(first[2])
        for name, row in report["strata"].items():
            chosen = [(truth[strata[name]], mask[strata[name]]) for truth, mask, strata in parts]
            truth, mask = (np.concatenate(column) for column in zip(*chosen))
            valid = truth != INVALID
            assert row["pixels"] == valid.sum(), name
            assert row["share"] == pytest.approx(valid.sum() / all_valid, abs=EXACT)
            for experiment in ("cloud", "shadow"):
                asked, yes, called = answers(experiment, truth, mask)
                assert_figures(row[experiment], figures(yes[asked], called[asked]), (name, experiment))
            clear = valid & ~np.isin(truth, [CLOUD, THIN, SHADOW])
            assert row["clear_pixels"] == clear.sum(), name
            if clear.any():
                false_cloud = np.isin(mask[clear], [CLOUD, THIN]).mean()
                assert row["false_cloud"] == pytest.approx(false_cloud, abs=EXACT), name
                assert row["false_shadow"] == pytest.approx((mask[clear] == SHADOW).mean(), abs=EXACT), name

    for scene_report, part in zip(document["scenes"], (first, second)):
        assert_strata(scene_report["report"], [part])
    assert_strata(document["report"], [first, second])
    # Pooled pixels, and the patches of both.
    for name in ("cloud", "shadow", "invalid"):
        each = [answers(name, truth, mask) for truth, mask, _ in (first, second)]
        yes = np.concatenate([yes[asked] for asked, yes, _ in each])
        called = np.concatenate([called[asked] for asked, _, called in each])
        pooled = document["report"]["scores"]["plain"]["experiments"][name]
        assert_figures(pooled, figures(yes, called), name)
        boa = [figures(yes[at][asked[at]], called[at][asked[at]])["boa"]
               for (truth, _, _), (asked, yes, called) in zip((first, second), each)
               for at in patches(truth != INVALID)]
        boa = [value for value in boa if value is not None]
        assert pooled["patches"]["boa"]["patches"] == len(boa)
        assert pooled["patches"]["boa"]["median"] == pytest.approx(np.median(boa), abs=EXACT)
