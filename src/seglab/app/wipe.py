"""A wipe slider: one picture over another, cut where the slider stands. Nothing from outside."""

import base64

import streamlit as st

HTML = """
<div class="wipe"><img class="under"><img class="over"><div class="edge"></div>
<input type="range" min="0" max="100" step="1" value="50"></div>
"""

CSS = """
.wipe { position: relative; display: grid; line-height: 0; --at: 50%; }
.wipe img { grid-area: 1 / 1; width: 100%; }
.over { clip-path: inset(0 calc(100% - var(--at)) 0 0); }
.edge { position: absolute; top: 0; bottom: 0; left: var(--at); width: 3px; margin-left: -1.5px;
        background: white; outline: 1px solid black; pointer-events: none; }
input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; cursor: ew-resize;
        appearance: none; background: none; }
input::-webkit-slider-thumb { appearance: none; width: 3px; height: 100vh; opacity: 0; }
input::-moz-range-thumb { width: 3px; height: 100vh; opacity: 0; }
.wipe:focus-within { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
"""

# The input covers the picture: dragged anywhere, and moved by the arrow keys as any slider.
JS = """
export default function ({ data, parentElement }) {
  const wipe = parentElement.querySelector(".wipe"), slider = wipe.querySelector("input")
  for (const place of ["under", "over"]) {
    const image = wipe.querySelector("." + place)
    image.src = data[place].source
    image.alt = data[place].description
  }
  slider.ariaLabel = data.label
  slider.oninput = () => wipe.style.setProperty("--at", slider.value + "%")
  slider.oninput()
}
"""

_wipe = st.components.v2.component("seglab_wipe", html=HTML, css=CSS, js=JS)


def wipe(
    left: bytes, right: bytes, left_description: str, right_description: str, key: str
) -> None:
    """Two pictures (files' bytes, PNG or JPEG, of one shape), the left one over the right one."""
    _wipe(
        key=key,
        data={
            "over": {"source": _source(left), "description": left_description},
            "under": {"source": _source(right), "description": right_description},
            "label": f"Wipe between {left_description} and {right_description}",
        },
    )


def _source(picture: bytes) -> str:
    kind = "png" if picture.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"
