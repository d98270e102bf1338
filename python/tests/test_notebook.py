"""The tutorial's notebook runs from top to bottom."""

import pathlib

import pytest


def test_the_notebook_runs(tmp_path):
    """Every cell, in a kernel of its own; arrays, drawings and the plot are shown."""
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    path = pathlib.Path(__file__).parent.parent / "examples" / "notebook.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    kinds = [kind for output in outputs for kind in output.get("data", {})]
    assert kinds.count("image/svg+xml") >= 4 and kinds.count("image/png") == 1 and kinds.count("text/html") >= 6
    assert not [output for output in outputs if output.output_type == "error"]
    pages = [output.data["text/html"] for output in outputs if "text/html" in output.get("data", {})]
    bars = [page for page in pages if "<progress" in page]
    assert all('value="1.000"' in bar for bar in bars), "a bar that stays where the run ended"
    tables = [page for page in pages if "<th>Shape</th>" in page or "Shape" in page]
    assert tables and not [page for page in tables if ">f64<" in page or ">i64<" in page]
