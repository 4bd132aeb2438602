"""The browser's Back: one step a page.

Streamlit adds a step to the history for every control whose value it writes into the address: a
page that remembers three values takes three steps back to leave, the first of them under the
address of the page before.
"""

import streamlit as st

SCRIPT = """<script>
if (!window.seglabBack) {
  window.seglabBack = true;
  const push = history.pushState.bind(history), replace = history.replaceState.bind(history);
  // The first page is being arrived at right now.
  let moving = true, left = null, began = true;

  const begin = (address) => { moving = true; left = address; began = false; };

  // While a page is being left, the address belongs to neither: it is written in place.
  history.pushState = (state, title, address) => {
    if (!moving) return push(state, title, address);
    const stays = new URL(address, location.href).pathname === location.pathname;
    if (left === null || stays) return replace(state, title, address);
    replace(history.state, "", left);
    left = null;
    return push(state, title, address);
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (link && link.origin === location.origin && link.pathname !== location.pathname)
      begin(location.href);
  }, true);
  window.addEventListener("popstate", () => begin(null), true);

  // Arrived: the new page's script has begun and come to its end.
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const running = target.getAttribute("data-test-script-state") === "running";
      if (running) began = true;
      else if (began) moving = false;
    }
  }).observe(document.body, { subtree: true, attributeFilter: ["data-test-script-state"] });
}
</script>"""


def one_step_a_page() -> None:
    """Once a browser window, however often it is called, and before the page."""
    with st.sidebar:  # at its foot: an element takes a line, though nothing is to be seen
        st.html(SCRIPT, unsafe_allow_javascript=True)
