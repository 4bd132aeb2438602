"""Hostile, broken and odd photo files, made here: more than 300, none from anywhere else.

Each is to end in a mask or in one line that names it, and to leave its neighbours alone.
"""

import io
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

from tests.helpers import disk_pair, encode

ORIENTATION = 0x0112
SPECIAL = ("pipe.jpg", "dangling.jpg", "loop.jpg", "folder.jpg", "unreadable.jpg", "device.jpg")
GOOD = "a-good-neighbour.png"
CORPUS_MINIMUM = 300


def write_corpus(folder: Path, every: int = 1) -> list[Path]:
    """Write the files into ``folder`` and give their paths; of the long series each ``every``-th.

    ``GOOD`` and ``z-good-neighbour.png`` are sound photos, before and after all others.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents = {GOOD: encode(_photo()), "z-good-neighbour.png": encode(_photo(1))}
    for series in (_truncated, _damaged, _short_lengths):
        contents |= dict(list(series())[::every])
    for series in (_sound, _no_pictures, _wrong_suffixes, _turned, _absurd_headers, _named):
        contents |= dict(series())
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    _write_special(folder)
    return [folder / name for name in [*contents, *SPECIAL]]


def _photo(index: int = 0) -> Image.Image:
    return Image.fromarray(disk_pair(index)[0])


def _files_to_break() -> dict[str, bytes]:
    picture = _photo()
    return {
        "jpeg.jpg": encode(picture, "JPEG"),
        "progressive.jpg": encode(picture, "JPEG", progressive=True),
        "png.png": encode(picture),
        "webp.webp": encode(picture, "WEBP"),
        "lossless.webp": encode(picture, "WEBP", lossless=True),
        "gif.gif": encode(picture, "GIF"),
        "tiff.tif": encode(picture, "TIFF"),
        "deflated.tif": encode(picture, "TIFF", compression="tiff_deflate"),
        "bmp.bmp": encode(picture, "BMP"),
    }


def _truncated() -> Iterator[tuple[str, bytes]]:
    for name, content in _files_to_break().items():
        for step in range(1, 13):
            yield f"cut-{step:02d}-{name}", content[: len(content) * step // 13]


def _damaged() -> Iterator[tuple[str, bytes]]:
    """Bytes overwritten at random, in the header and anywhere."""
    generator = np.random.default_rng(0)
    for name, content in _files_to_break().items():
        for number in range(8):
            broken = bytearray(content)
            end = 64 if number < 4 else len(broken)
            for place in generator.integers(2, min(end, len(broken)), 6):
                broken[place] = int(generator.integers(256))
            yield f"damaged-{number}-{name}", bytes(broken)


def _short_lengths() -> Iterator[tuple[str, bytes]]:
    """The first few bytes alone: the magic number without anything behind it."""
    for name, content in _files_to_break().items():
        for length in (1, 2, 4, 8, 12, 16, 26, 30):
            yield f"first-{length:02d}-{name}", content[:length]


def _sound() -> Iterator[tuple[str, bytes]]:
    """Unusual but sound: these have a mask."""
    picture = _photo()
    gray = picture.convert("L")
    wide = np.linspace(0, 65535, 40 * 48).reshape(40, 48)
    yield "sixteen-bit.png", encode(Image.fromarray(wide.astype(np.uint16)))
    yield "sixteen-bit.tif", encode(Image.fromarray(wide.astype(np.uint16)), "TIFF")
    yield "thirty-two-bit.tif", encode(Image.fromarray(wide.astype(np.int32)), "TIFF")
    yield "float.tif", encode(Image.fromarray((wide / 65535).astype(np.float32)), "TIFF")
    unusual = np.array([[np.nan, np.inf, -np.inf, 1e38, -1e38, 0.5]] * 6, np.float32)
    yield "float-not-numbers.tif", encode(Image.fromarray(unusual), "TIFF")
    yield "cmyk.jpg", encode(picture.convert("CMYK"), "JPEG")
    yield "cmyk.tif", encode(picture.convert("CMYK"), "TIFF")
    yield "ycbcr.tif", encode(picture.convert("YCbCr"), "TIFF")
    yield "lab.tif", encode(Image.new("LAB", (9, 7)), "TIFF")
    yield "gray.jpg", encode(gray, "JPEG")
    yield "gray-and-alpha.png", encode(gray.convert("LA"))
    yield "alpha.png", encode(picture.convert("RGBA"))
    yield "alpha.webp", encode(picture.convert("RGBA"), "WEBP")
    palette = picture.quantize(16)
    yield "palette.png", encode(palette)
    yield "palette-transparent.png", encode(palette, transparency=0)
    yield "palette-transparent-bytes.png", encode(palette, transparency=bytes(range(16)))
    yield "palette.gif", encode(palette, "GIF", transparency=1)
    yield "palette.bmp", encode(palette, "BMP")
    for kind, suffix in (("PNG", "png"), ("TIFF", "tif"), ("BMP", "bmp")):
        yield f"one-bit.{suffix}", encode(picture.convert("1"), kind)
    pages = [_photo(1), _photo(2)]
    yield "animated.gif", encode(picture, "GIF", save_all=True, append_images=pages)
    yield "animated.png", encode(picture, "PNG", save_all=True, append_images=pages)
    yield "animated.webp", encode(picture, "WEBP", save_all=True, append_images=pages)
    yield "pages.tif", encode(picture, "TIFF", save_all=True, append_images=pages)
    yield "two-pictures.jpg", encode(picture, "MPO", save_all=True, append_images=pages)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind, suffix in (("JPEG", "jpg"), ("PNG", "png"), ("TIFF", "tif"), ("WEBP", "webp")):
        yield f"profile.{suffix}", encode(picture, kind, icc_profile=profile)
        yield f"profile-broken.{suffix}", encode(picture, kind, icc_profile=b"\xff" * 300)
    for width, height in ((1, 1), (1, 10_000), (10_000, 1), (2, 3), (31, 33)):
        for kind, suffix in (("PNG", "png"), ("JPEG", "jpg")):
            content = encode(Image.new("RGB", (width, height), "gray"), kind)
            yield f"size-{width}x{height}.{suffix}", content
    yield "exif-broken.jpg", encode(picture, "JPEG", exif=b"Exif\0\0" + b"\xff" * 200)
    yield "exif-broken.png", encode(picture, exif=b"II*\0\xff\xff\xff\xff" + b"\xff" * 50)


def _turned() -> Iterator[tuple[str, bytes]]:
    for orientation in range(10):  # 0 and 9 do not exist
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        for kind, suffix in (("JPEG", "jpg"), ("PNG", "png"), ("TIFF", "tif"), ("WEBP", "webp")):
            yield f"turned-{orientation}.{suffix}", encode(_photo(), kind, exif=exif)


def _no_pictures() -> Iterator[tuple[str, bytes]]:
    texts = {
        "empty": b"",
        "zeros": bytes(5000),
        "text": b"not a picture",
        "html": b"<!doctype html><html><script>alert(1)</script></html>",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n",
        "pdf": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
        "zip": b"PK\x05\x06" + bytes(18),
        "pickle": b"\x80\x04\x95\x0b\0\0\0\0\0\0\0\x8c\x02os\x94.",
        "icon": encode(_photo(), "ICO"),
    }
    for name, content in texts.items():
        for suffix in ("jpg", "png", "tif"):
            yield f"{name}.{suffix}", content


def _wrong_suffixes() -> Iterator[tuple[str, bytes]]:
    for name, content in _files_to_break().items():
        kind, _, suffix = name.rpartition(".")
        for other in ("jpg", "png", "webp"):
            if other != suffix:
                yield f"in-fact-{kind}-{suffix}.{other}", content


def _absurd_headers() -> Iterator[tuple[str, bytes]]:
    """Small files that claim, or really hold, far too many pixels."""
    yield "twenty-thousand.png", png_of_zeros(20_000, 20_000)
    yield "bomb-of-gray.png", png_of_zeros(60_000, 60_000, rows=100)
    for width, height in ((2**31 - 1, 2**31 - 1), (2**31 - 1, 1), (0, 5), (0, 0), (1, 2**31 - 1)):
        yield f"claims-{width}x{height}.png", png_of_zeros(width, height, rows=1)
        yield f"claims-{width}x{height}.bmp", _bmp_claiming(width, height)
    yield "claims.gif", b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0) + b";"
    yield "claims.tif", _tiff_claiming(2**31 - 1, 2**31 - 1)
    yield "claims-wide.tif", _tiff_claiming(2**32 - 1, 1)
    frame = struct.pack(">BHHB", 8, 65500, 65500, 3) + b"\x01\x11\0\x02\x11\0\x03\x11\0"
    yield (
        "claims.jpg",
        b"\xff\xd8\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xd9",
    )
    text = zlib.compress(bytes(80_000_000))
    content = encode(_photo())
    chunk = _png_chunk(b"zTXt", b"Comment\0\0" + text)
    yield "text-of-80-megabytes.png", content[:33] + chunk + content[33:]
    chunk = _png_chunk(b"iCCP", b"profile\0\0" + text)
    yield "profile-of-80-megabytes.png", content[:33] + chunk + content[33:]


def _named() -> Iterator[tuple[str, bytes]]:
    content = encode(_photo())
    for name in (
        "line\nbreak",
        "carriage\rreturn",
        "escape-\x1b[31mred\x1b[0m",
        "cat-\N{CAT FACE}-\N{DOG FACE}",
        "a" * 240,
        "umlaut-\N{LATIN SMALL LETTER A WITH DIAERESIS}",
        "-dash",
        "--threshold",
        "$(touch owned)",
        "; touch owned",
        "quote-'\"",
        "<img src=x onerror=alert(1)>",
        "**bold** [link](http:x)",
        "spaces   and\ttabs",
        "right-\N{RIGHT-TO-LEFT OVERRIDE}-left",
    ):
        yield f"{name}.png", content
        yield f"{name} (text).jpg", b"no picture"


def _write_special(folder: Path) -> None:
    """Things that are called like a photo and are none: no read of them may hang."""
    os.mkfifo(folder / "pipe.jpg")
    (folder / "dangling.jpg").symlink_to("nothing.jpg")
    (folder / "loop.jpg").symlink_to("loop.jpg")
    (folder / "folder.jpg").mkdir()
    (folder / "unreadable.jpg").symlink_to("/proc/self/mem")  # also where root reads everything
    (folder / "device.jpg").symlink_to("/dev/zero")


def png_of_zeros(width: int, height: int, rows: int | None = None, depth: int = 1) -> bytes:
    """A gray PNG of ``depth`` bits whose pixels are all 0; ``rows``: only so many are there."""
    header = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    compressor, packed = zlib.compressobj(9), io.BytesIO()
    row = bytes(min(width * depth // 8 + 2, 10_000_000))
    for _ in range(height if rows is None else rows):
        packed.write(compressor.compress(row))
    packed.write(compressor.flush())
    return (
        b"\x89PNG\r\n\x1a\n"
        + _png_chunk(b"IHDR", header)
        + _png_chunk(b"IDAT", packed.getvalue())
        + _png_chunk(b"IEND", b"")
    )


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


def _bmp_claiming(width: int, height: int) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + header


def _tiff_claiming(width: int, height: int) -> bytes:
    tags = ((256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1))
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)
