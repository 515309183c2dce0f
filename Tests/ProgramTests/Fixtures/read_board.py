"""Prints as JSON what TensorBoard's own reader finds in a folder of event files."""

import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import api_pb2, plugin_data_pb2

everything = dict.fromkeys(["scalars", "tensors"], 0)
board = EventAccumulator(sys.argv[1], size_guidance=everything)
board.Reload()
found = {"scalars": {}, "texts": {}, "hparams": {}, "ended": None}
for tag in board.Tags()["scalars"]:
    found["scalars"][tag] = [[e.step, e.value, e.wall_time] for e in board.Scalars(tag)]
for tag in board.Tags()["tensors"]:
    data = board.SummaryMetadata(tag).plugin_data
    if data.plugin_name == "text":
        found["texts"][tag] = [
            [e.step, e.tensor_proto.string_val[0].decode()] for e in board.Tensors(tag)]
        continue
    content = plugin_data_pb2.HParamsPluginData.FromString(data.content)
    assert data.plugin_name == "hparams" and content.version == 0
    if tag == "_hparams_/session_end_info":
        found["ended"] = api_pb2.Status.Name(content.session_end_info.status)
        continue
    for name, value in content.session_start_info.hparams.items():
        found["hparams"][name] = getattr(value, value.WhichOneof("kind"))
print(json.dumps(found))
