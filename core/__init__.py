"""Everything that Stratloop does, without a screen: no module below this package imports Streamlit."""

import os

for _library in ("OPENBLAS", "OMP", "MKL"):
    # Before numpy is imported: on the small products here several threads wait for each other, at many times the processor time.
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
