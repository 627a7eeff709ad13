"""hdstats (D. Roberts), the reference for geometric medians, and a stack of pixels for it and for us."""

import json
import pathlib
import resource
import subprocess
import time

import numpy as np
import scipy.signal

# hdstats 0.2.1 imports two wavelet functions that SciPy no longer has, for parts that are not used here.
scipy.signal.cwt = scipy.signal.ricker = None
import hdstats  # noqa: E402

ROOT = pathlib.Path(__file__).parents[2]
BANDS = 10


def stack(pixels, dates, seed):
    """(pixels, dates, bands), reflectance: ground with seasons and noise, cloud now and then, gaps."""
    random = np.random.default_rng(seed)
    ground = random.uniform(0.03, 0.35, (pixels, 1, BANDS))
    values = ground * random.normal(1, 0.15, (pixels, dates, 1)) + random.normal(0, 0.01, (pixels, dates, BANDS))
    cloud = random.uniform(size=(pixels, dates, 1)) < 0.1
    values += cloud * random.uniform(0.1, 0.6, (pixels, dates, 1))
    values[random.uniform(size=(pixels, dates)) < 0.3] = np.nan
    return values.astype(np.float32)


def theirs(values, step):
    """(pixels, 13) of hdstats with one thread: median and distances; and its CPU-seconds."""
    # Its order is rows, columns, bands, dates.
    images = np.ascontiguousarray(values.transpose(0, 2, 1)[:, None])
    started = time.process_time()
    median = hdstats.nangeomedian_pcm(images, maxiters=10_000, eps=step, num_threads=1)
    distances = [of(images, median, num_threads=1) for of in (hdstats.emad_pcm, hdstats.smad_pcm, hdstats.bcmad_pcm)]
    seconds = time.process_time() - started
    return np.concatenate([median[:, 0], np.stack(distances, axis=-1)[:, 0]], axis=-1), seconds


def program(release):
    """The example `geomedian`, built from this tree."""
    build = ["cargo", "build", "--quiet", "--locked", "-p", "clearshore-io", "--example", "geomedian",
             "--message-format", "json", *(["--release"] if release else [])]
    lines = subprocess.run(build, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return next(message["executable"] for message in map(json.loads, lines) if message.get("executable"))


def ours(program, values, folder):
    """(pixels, 13) of our program, and its CPU-seconds, reading and writing included."""
    np.save(folder / "stack.npy", values)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program, folder / "stack.npy", folder / "out.npy"], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return np.load(folder / "out.npy"), seconds
