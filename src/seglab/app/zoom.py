"""Pictures beside each other that are zoomed and moved together. Nothing from outside."""

import base64
from collections.abc import Sequence

import streamlit as st

HTML = """
<div class="zoom"><div class="pictures"></div><div class="controls">
<label>Zoom <input type="range" min="1" max="8" step="0.5" value="1"></label>
<label>Across <input type="range" min="0" max="100" value="50"></label>
<label>Down <input type="range" min="0" max="100" value="50"></label>
</div></div>
"""

CSS = """
.zoom { color: var(--st-text-color); font-family: var(--st-font); font-size: 0.875rem; }
.pictures { display: grid; gap: 0.75rem;
            grid-template-columns: repeat(auto-fit, minmax(min(210px, 100%), 1fr)); }
figure { margin: 0; }
figcaption { padding-top: 0.25rem; }
.frame { overflow: hidden; line-height: 0; }
.frame img { width: 100%; transform: scale(var(--zoom)); transform-origin: var(--x) var(--y); }
.controls { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; padding-top: 0.5rem; }
label { display: flex; align-items: center; gap: 0.5rem; }
input { accent-color: var(--st-primary-color); width: 9rem; }
"""

# Zoomed in, the pointer over a picture chooses the place; the sliders do so from the keyboard.
JS = """
export default function ({ data, parentElement }) {
  const view = parentElement.querySelector(".zoom")
  const [zoom, across, down] = view.querySelectorAll("input")
  const draw = () => {
    view.style.setProperty("--zoom", zoom.value)
    view.style.setProperty("--x", across.value + "%")
    view.style.setProperty("--y", down.value + "%")
  }
  for (const slider of [zoom, across, down]) slider.oninput = draw
  const figures = data.pictures.map(({ source, title, description }) => {
    const figure = document.createElement("figure"), frame = document.createElement("div")
    const image = new Image(), caption = document.createElement("figcaption")
    Object.assign(image, { src: source, alt: description })
    frame.className = "frame"
    frame.onpointermove = (event) => {
      if (zoom.value == 1) return
      const box = frame.getBoundingClientRect()
      across.value = (100 * (event.clientX - box.left)) / box.width
      down.value = (100 * (event.clientY - box.top)) / box.height
      draw()
    }
    caption.textContent = title
    frame.append(image)
    figure.append(frame, caption)
    return figure
  })
  view.querySelector(".pictures").replaceChildren(...figures)
  draw()
}
"""

_zoom = st.components.v2.component("seglab_zoom", html=HTML, css=CSS, js=JS)


def zoomed(pictures: Sequence[tuple[bytes, str, str]], key: str) -> None:
    """JPEG files of one shape, each with a title below and a description for screen readers."""
    _zoom(
        key=key,
        data={
            "pictures": [
                {
                    "source": f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}",
                    "title": title,
                    "description": description,
                }
                for picture, title, description in pictures
            ]
        },
    )
