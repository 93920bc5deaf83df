"""What Pillow makes of pictures: test/fixtures/pictures. Run with a folder of odd pictures for those, too.

    python pictures.py [FOLDER]
"""

import base64
import hashlib
import io
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps

FIXTURES = Path(__file__).resolve().parents[3] / "test" / "fixtures" / "pictures"
KERNELS = {"nearest": 0, "bilinear": 2, "bicubic": 3, "lanczos": 1}
WHITE = (255, 255, 255)


def formula(width, height, channels):
    """The same picture as in test/helpers/formula-picture.ts: smooth waves with sharp edges."""
    at = np.arange(width * height * channels, dtype=np.int64)
    channel, column, row = at % channels, at // channels % width, at // channels // width
    wave = (column * 7 + row * 13 + channel * 85 + (column * row) % 31 * 5) % 256
    edge = ((column // 5 + row // 3) % 2) * 128
    return ((wave + edge) % 256).astype(np.uint8).reshape(height, width, channels).squeeze()


def fit(picture, width, height, kernel, how):
    filter_ = KERNELS[kernel]
    if how == "fill":
        return picture.resize((width, height), filter_)
    if how == "cover":
        return ImageOps.fit(picture, (width, height), filter_)
    background = 255 if picture.mode == "L" else (*WHITE, 255)[: len(picture.getbands())]
    return ImageOps.pad(picture, (width, height), filter_, color=background)


def resizing():
    """Exact: the service resizes small pictures in Pillow's own fixed point."""
    cases = []
    for source in ((40, 30, 1), (40, 30, 3), (13, 29, 3), (33, 20, 4), (5, 3, 3)):
        picture = Image.fromarray(formula(*source))
        for width, height in ((8, 8), (28, 28), (50, 21), (13, 61)):
            for kernel in KERNELS:
                for how in ("fill", "cover", "contain"):
                    pixels = fit(picture, width, height, kernel, how).tobytes()
                    digest = hashlib.sha256(pixels).hexdigest()[:16]
                    cases.append([*source, width, height, kernel, how, digest])
    write("resizing.json", cases)


def upright_rgb(path):
    """As the service sees it: upright, in sRGB where a profile says how, on white."""
    picture = Image.open(path)
    picture.load()
    profile = picture.info.get("icc_profile")
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I;16"):
        picture = Image.fromarray((np.asarray(picture).astype(np.uint16) >> 8).astype(np.uint8))
    if picture.has_transparency_data:
        opaque = Image.new("RGBA", picture.size, WHITE)
        picture = Image.alpha_composite(opaque, picture.convert("RGBA"))
    elif profile:
        embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        picture = ImageCms.profileToProfile(
            picture, embedded, ImageCms.createProfile("sRGB"), renderingIntent=0, outputMode="RGB"
        )
    return picture.convert("RGB")


def odd_pictures(folder):
    """Thumbnails of the pictures that Pillow reads: 16 x 12 pixels, as JSON holds them."""
    Image.MAX_IMAGE_PIXELS = 50_000_000
    found = {}
    for path in sorted(Path(folder).iterdir()):
        try:
            picture = upright_rgb(path)
        except Exception as error:
            print(f"{path.name}: {error}")
            continue
        found[path.name] = {
            f"{kernel} {how} {width}x{height}": base64.b64encode(
                fit(picture, width, height, kernel, how).tobytes()
            ).decode()
            for kernel, how, width, height in (
                ("bilinear", "fill", 16, 12),
                ("lanczos", "cover", 16, 16),
                ("bicubic", "contain", 20, 14),
            )
        }
    write("odd-pictures.json", found)


def write(name, content):
    FIXTURES.mkdir(parents=True, exist_ok=True)
    lines = json.dumps(content).replace("], [", "],\n[").replace("}, ", "},\n")
    (FIXTURES / name).write_text(lines + "\n")


resizing()
if len(sys.argv) > 1:
    odd_pictures(sys.argv[1])
