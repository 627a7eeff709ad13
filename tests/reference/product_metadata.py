"""Expected metadata of the test products, read from their XML with Python's own parser.

    python3 tests/reference/product_metadata.py ../shared/data/l1c_safe > rust/clearshore-io/tests/data/products.json

Shares nothing with the reader it checks. The test of simulated products runs it on those. Angles stay in degrees; NaN nodes are only counted.
"""

import json
import math
import re
import sys
import zipfile
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

BANDS = ["B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12"]


def strip(root):
    for element in root.iter():
        element.tag = element.tag.rsplit("}", 1)[-1]
    return root


def grid(element):
    planes = []
    for name in ("Zenith", "Azimuth"):
        rows = [v.text.split() for v in element.findall(f"{name}/Values_List/VALUES") if (v.text or "").strip()]
        planes.append([[float(x) for x in row] for row in rows])
    return planes


def nodes(planes):
    """Shape, number of known nodes, sums of sines and cosines over them, first and last known node."""
    zenith, azimuth = planes
    known = [
        (r, c, z, azimuth[r][c])
        for r, row in enumerate(zenith)
        for c, z in enumerate(row)
        if not math.isnan(z) and not math.isnan(azimuth[r][c])
    ]
    return {
        "shape": [len(zenith), len(zenith[0]) if zenith else 0],
        "known": len(known),
        "zenithSum": math.fsum(z for _, _, z, _ in known),
        "azimuthSineSum": math.fsum(math.sin(math.radians(a)) for *_, a in known),
        "first": known[0] if known else None,
        "last": known[-1] if known else None,
    }


def direction(element):
    return [float(element.find("ZENITH_ANGLE").text), float(element.find("AZIMUTH_ANGLE").text)]


def tile(root):
    code = int(root.find(".//HORIZONTAL_CS_CODE").text.split(":")[1])
    sizes = {s.get("resolution"): [int(s.find("NROWS").text), int(s.find("NCOLS").text)] for s in root.iter("Size")}
    origins = {g.get("resolution"): [float(g.find("ULX").text), float(g.find("ULY").text)] for g in root.iter("Geoposition")}
    mean = root.find(".//Mean_Sun_Angle")
    views = {}
    for element in root.iter("Viewing_Incidence_Angles_Grids"):
        planes = grid(element)
        if planes[0]:
            views[f"{BANDS[int(element.get('bandId'))]}-{element.get('detectorId')}"] = nodes(planes)
    sun = root.find(".//Sun_Angles_Grid")
    sun = nodes(grid(sun)) if sun is not None and grid(sun)[0] else None
    quality = root.find(".//Image_Content_QI")
    return {
        "granule": root.find(".//TILE_ID").text,
        "sensingTime": root.find(".//SENSING_TIME").text,
        "epsg": code,
        "sizes": sizes,
        "origins": origins,
        "meanSun": direction(mean) if mean is not None else None,
        "meanViews": {
            BANDS[int(m.get("bandId"))]: direction(m) for m in root.iter("Mean_Viewing_Incidence_Angle")
        },
        "sun": sun,
        "views": views,
        "cloudy": float(quality.find("CLOUDY_PIXEL_PERCENTAGE").text),
        "degraded": float(quality.find("DEGRADED_MSI_DATA_PERCENTAGE").text),
    }


def product(root):
    offsets = {BANDS[int(o.get("band_id"))]: int(o.text) for o in root.iter("RADIO_ADD_OFFSET")}
    special = {s.find("SPECIAL_VALUE_TEXT").text: int(s.find("SPECIAL_VALUE_INDEX").text) for s in root.iter("Special_Values")}
    return {
        "name": root.find(".//PRODUCT_URI").text,
        "spacecraft": root.find(".//SPACECRAFT_NAME").text,
        "baseline": root.find(".//PROCESSING_BASELINE").text,
        "productType": root.find(".//PRODUCT_TYPE").text,
        "startTime": root.find(".//PRODUCT_START_TIME").text,
        "datatake": root.find(".//Datatake").get("datatakeIdentifier"),
        "orbit": int(root.find(".//SENSING_ORBIT_NUMBER").text),
        "direction": root.find(".//SENSING_ORBIT_DIRECTION").text,
        "quantification": float(root.find(".//QUANTIFICATION_VALUE").text),
        "offsets": [offsets.get(band, 0) for band in BANDS],
        "special": special,
        "u": float(root.find(".//U").text),
        "irradiance": {BANDS[int(s.get("bandId"))]: float(s.text) for s in root.iter("SOLAR_IRRADIANCE")},
    }


def describe(product_xml, tile_xml, names):
    result = {}
    if product_xml:
        result["product"] = product(strip(ElementTree.fromstring(product_xml)))
    if tile_xml:
        result["tile"] = tile(strip(ElementTree.fromstring(tile_xml)))
        found = {m.group(1) for n in names if (m := re.search(r"(?:^|_)(B\d[\dA])\.jp2$", n))}
        result["missing"] = [band for band in BANDS if band not in found]
        masks = [n for n in names if "_DETFOO_" in n]
        result["footprints"] = len(masks)
        result["footprintFormat"] = PurePosixPath(masks[0]).suffix[1:] if masks else None
        result["ecmwf"] = any("ECMWF" in n for n in names)
    return result


def main(base):
    table = {}
    for path in sorted(base.rglob("*.xml")):
        text = path.read_bytes()
        if b"Level-1C_Tile_ID" not in text[:600] and "Level-2A_Tile_ID" not in text[:600].decode():
            continue
        aws = path.name == "metadata.xml"
        lone = path.parent.name == "angles_05.09"
        if "L2A" in path.parent.name:
            continue
        root = path.parent if aws or lone else path.parents[2]
        metadata = [] if aws or lone else [*root.glob("MTD_MSIL1C.xml"), *root.glob("*_MTD_SAFL1C.xml")]
        # Beside an AWS tile lie previews with the names of bands, in a folder of their own.
        files = [*path.parent.glob("*.jp2"), *path.parent.glob("IMG_DATA/*"), *path.parent.glob("[qQ]*/*"), *path.parent.glob("[aA]*/*")]
        key = str((path if lone else root).relative_to(base))
        many = len(list(root.glob("GRANULE/*/*_MTD_L1C_*.xml"))) > 1
        key += f"#{path.parent.name}" if many else ""
        table[key] = describe(metadata[0].read_bytes() if metadata else None, text, [f.name for f in files])
    for path in sorted(base.glob("zips/*.zip")):
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            read = lambda end: archive.read(next(n for n in names if n.endswith(end)))
            granule = [PurePosixPath(n).name for n in names if "/GRANULE/" in n]
            table[str(path.relative_to(base))] = describe(read("/MTD_MSIL1C.xml"), read("/MTD_TL.xml"), granule)
    lone = base / "opttbx" / "S2C_MTD_MSIL1C.xml"
    if lone.exists():
        table[str(lone.relative_to(base))] = describe(lone.read_bytes(), None, [])
    lines = [f"{json.dumps(k)}: {json.dumps(v, sort_keys=True, separators=(',', ':'))}" for k, v in sorted(table.items())]
    print("{\n" + ",\n".join(lines) + "\n}")


main(Path(sys.argv[1]))
