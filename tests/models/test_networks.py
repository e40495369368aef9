"""A network that keeps weights in other files is refused, wherever in it they are named, and the files stay closed."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pipeline.errors import EngineFailed
from pipeline.models.networks import read_network


def tensor(location=None):
    made = numpy_helper.from_array(np.arange(4, dtype=np.float32), "weights")
    if location is not None:
        made.ClearField("raw_data")
        made.data_location = TensorProto.EXTERNAL
        made.external_data.add(key="location", value=location)
    return made


def graph(initializers=(), nodes=()):
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])
    return helper.make_graph(list(nodes), "g", [], [output], list(initializers))


def constant(value):
    return helper.make_node("Constant", [], ["y"], value=value)


NETWORKS = {
    "initializer": lambda t: helper.make_model(graph([t])),
    "constant": lambda t: helper.make_model(graph(nodes=[constant(t)])),
    "constant of a branch": lambda t: helper.make_model(
        graph(nodes=[helper.make_node("If", ["c"], ["y"], then_branch=graph(nodes=[constant(t)]), else_branch=graph())])
    ),
    "constant of a function": lambda t: helper.make_model(
        graph(), functions=[helper.make_function("d", "f", [], ["y"], [constant(t)], [helper.make_opsetid("", 18)])]
    ),
    "values of a sparse one": lambda t: helper.make_model(
        helper.make_graph(
            [],
            "g",
            [],
            [],
            sparse_initializer=[helper.make_sparse_tensor(t, numpy_helper.from_array(np.arange(4)), [9])],
        )
    ),
}


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize("location", ["inference.onnx.data", "../../secret", "/etc/hostname"])
def test_a_network_with_weights_elsewhere_is_refused_with_their_files_and_the_way_out(tmp_path, make, location):
    path = tmp_path / "inference.onnx"
    path.write_bytes(make(tensor(location)).SerializeToString())
    with pytest.raises(EngineFailed) as refused:
        read_network(path.read_bytes(), path)
    assert str(refused.value).startswith(
        f"{path} keeps weights in other files: {location}. Make it one file: onnx.save"
    )


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)
def test_a_network_with_all_its_weights_in_it_is_loaded(tmp_path, make):
    network = make(tensor())
    assert read_network(network.SerializeToString(), tmp_path / "inference.onnx") == network


def test_the_way_out_leads_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    network = helper.make_model(graph([tensor()]))
    onnx.save(network, "inference.onnx", save_as_external_data=True, size_threshold=0, location="inference.onnx.data")
    with pytest.raises(EngineFailed) as refused:
        read_network(Path("inference.onnx").read_bytes(), tmp_path / "inference.onnx")
    exec(str(refused.value).partition("one file: ")[2], {"onnx": onnx})
    mended = read_network(Path("inference.onnx").read_bytes(), tmp_path / "inference.onnx")
    assert numpy_helper.to_array(mended.graph.initializer[0]).tolist() == [0, 1, 2, 3]
