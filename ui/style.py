"""The few rules of style that the theme's own settings cannot say."""

import html

import streamlit as st

_RULES = """
<style>
/* The dark theme's accent is light enough to be read as text, so what stands on it is dark there. */
.stApp [data-testid="stBaseButton-primary"]:enabled, .stApp [data-testid="stBaseButton-primary"]:enabled :is(p, span, kbd) {
  color: light-dark(#fff, #0b1f1d); opacity: 1;
}
/* Under the pointer Streamlit darkens the accent, which is right for white text alone. */
.stApp [data-testid="stBaseButton-primary"]:enabled:is(:hover, :active, :focus-visible) {
  background-color: light-dark(#06322e, #6cc9be); border-color: light-dark(#06322e, #6cc9be);
}
/* What ticks does not fade before it is drawn anew: that would be sixty pictures a second, on the cores that train. */
:is(.st-key-frame-run, .st-key-run) [data-stale] { transition: none !important; opacity: 1 !important; }
.st-key-live-head [data-testid="stProgress"] * { transition: none !important; }
/* Streamlit marks the link that has the keyboard by a shade that can hardly be seen. */
:is([data-testid="stTopNavLink"], [data-testid="stSidebarNavLink"]):focus-visible { outline: 2px solid light-dark(#0f766e, #3aa99f); }
/* Sections are h2 and h3 for readers of screens; around them is as little room as around small headings. */
.stMainBlockContainer [data-testid="stHeading"] :is(h2, h3), .stMainBlockContainer [data-testid="stMarkdownContainer"] :is(h2, h3) {
  padding: .3rem 0 .45rem; letter-spacing: 0;
}
.stMainBlockContainer { max-width: 1400px; margin: 0 auto; }
/* The head is as high before the first run, which adds the picker, as after. */
.st-key-frame { min-height: 2.5rem; }
/* Plotly draws these axes for a white page: black, with a white glow around their numbers. */
.stPlotlyChart .parcoords :is(.domain, .tick line) { stroke: #8b9197 !important; }
.stPlotlyChart .parcoords text {
  --page: light-dark(#fcfbf8, #14181a);
  text-shadow: 1px 1px 2px var(--page), -1px -1px 2px var(--page), 1px -1px 2px var(--page), -1px 1px 2px var(--page) !important;
}
/* Only the menu below a picture presses this button. */
.modebar-btn[data-title^="Download plot"] { display: none !important; }
/* A line of words, two on a phone, and a bar: what a run says of itself takes the same room at all times. */
.st-key-live-status { min-height: 3.4rem; max-height: 3.4rem; }
@media (max-width: 1000px) { .st-key-live-status { min-height: 4.8rem; max-height: 4.8rem; } }
/* Without a keyboard, or without the room, there is no shortcut to tell of. */
@media (hover: none), (max-width: 640px) { [data-testid^="stBaseButton"] kbd { display: none; } }
@media (max-width: 640px) { .st-key-live-controls { justify-content: flex-start; } }
/* On a phone a run's state stands beside the title, and its picker has a line of its own. */
@media (max-width: 640px) {
  [data-testid="stLayoutWrapper"]:has(> .st-key-frame-run), .st-key-frame-run { display: contents; }
  .st-key-run_picker { flex-basis: 100%; }
}
/* On a phone the columns stand one below the other: the button and the curve first, then the many settings. */
@media (max-width: 640px) { .stColumn:has(.st-key-settings) { order: 1; } }
</style>
"""


def heading(text: str) -> None:
    """A heading of text that is data: a run's name, a title. It is never read as Markdown or HTML."""
    st.html(f"<h2 style='margin:0;padding:0;font-size:1rem;overflow-wrap:anywhere'>{html.escape(text)}</h2>")


def small(text: str) -> None:
    """A caption of text that is data."""
    st.html(f"<p style='margin:0;font-size:.875rem;opacity:.7;overflow-wrap:anywhere'>{html.escape(text)}</p>")


def apply() -> None:
    """Adds the rules to the page."""
    st.html(_RULES)
