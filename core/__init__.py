"""Everything that Stratloop does, without a screen: no module below this package imports Streamlit."""
