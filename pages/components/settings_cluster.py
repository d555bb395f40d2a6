"""The cluster as it stands: who works, and who is refused for which reason. Drawn only where one is set."""

import streamlit as st

from core.report.labels import ISOLATION
from core.services import services
from pages.components import formatting


def draw_cluster_panel() -> None:
    """Address, workers, and what keeps some of them from work."""
    if not services().settings.cluster:
        return
    with st.container(border=True):
        st.header("Cluster", anchor=False)
        with st.spinner("The cluster is asked"):
            state = services().installation.describe_cluster()
        if state is None:
            return
        refused = len(state.workers) - len(state.accepted)
        st.markdown(formatting.escape(f"{len(state.accepted)} of {len(state.workers)} workers at {state.address} take backtests."))
        if state.problem:
            st.error(formatting.escape(state.problem), icon=":material/error:")
        if refused and not state.problem:
            st.warning(f"{refused} get no work; the table says why.", icon=":material/warning:")
        if any(worker.keys for worker in state.workers):
            said = "Some workers have keys in their environment. They need none: start them without."
            st.warning(said, icon=":material/key:")
        if state.workers:
            st.dataframe(
                {
                    "Worker": [worker.address for worker in state.workers],
                    "Machine": [worker.host for worker in state.workers],
                    "At once": [worker.threads for worker in state.workers],
                    "Isolation": ["" if worker.level is None else ISOLATION[worker.level] for worker in state.workers],
                    **({"Refused because": [worker.refused for worker in state.workers]} if refused else {}),
                },
                hide_index=True,
                width="stretch",
            )
