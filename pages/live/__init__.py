"""Server side of a browser's sockets: the events of a run as they are stored, and the tables of its Perspective viewer.

Here: Starlette routes, the tokens that guard them, and the one watcher of the store behind all viewers of a run. No Streamlit.
Not here: what the browser draws (`pages/components/live_panel.py`, `perspective_viewer.py`).
"""
