"""Makes Tests/ProgramTests/Fixtures: a small Dinov2Model, a picture, configurations of its image processor, and the
features that transformers computes of the picture as each says.

    python prepared_images.py FOLDER        # needs torch, transformers, safetensors and pillow
"""

import json
import pathlib
import sys

import numpy
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file
from transformers import Dinov2Config, Dinov2Model

folder = pathlib.Path(sys.argv[1])
torch.manual_seed(0)
model = Dinov2Model(Dinov2Config(
    hidden_size=16, num_hidden_layers=1, num_attention_heads=2, mlp_ratio=2, image_size=8, patch_size=4)).eval()
for parameter in model.parameters():
    torch.nn.init.normal_(parameter, std=0.3)
model.save_pretrained(folder / "model", max_shard_size="10KB")

rows, columns = numpy.mgrid[0:45, 0:60]
pixels = numpy.stack([rows * 5, columns * 4, 128 + 100 * numpy.sin(rows / 4) * numpy.cos(columns / 5)], -1)
picture = Image.fromarray(pixels.clip(0, 255).astype(numpy.uint8))
picture.save(folder / "picture.png")

cases = {
    "usual": {"size": {"shortest_edge": 32}, "crop_size": {"height": 28, "width": 28}},
    "numbers": {"size": 32, "crop_size": 28, "resample": 2},
    "wide": {"size": {"shortest_edge": 33}, "crop_size": {"height": 20, "width": 28}, "image_mean": 0.25,
             "image_std": 0.5},
    "whole": {"image_processor_type": "ViTImageProcessor", "size": {"height": 28, "width": 28}},
    "whole_number": {"image_processor_type": "ViTFeatureExtractor", "size": 24, "resample": 3},
    "whole_cropped": {"size": {"height": 28, "width": 40}, "do_center_crop": True, "crop_size": 24},
    "raw": {"size": {"height": 24, "width": 32}, "do_center_crop": False, "do_rescale": False,
            "image_mean": [120, 110, 100], "image_std": [60, 50, 40]},
    "factor": {"size": 24, "crop_size": [24, 20], "rescale_factor": 0.01, "do_normalize": True},
    "plain": {"size": 24, "crop_size": 24, "do_normalize": False},
}
features = {}
for name, config in cases.items():
    kind = "ViTImageProcessorPil" if "ViT" in config.get("image_processor_type", "") else "BitImageProcessorPil"
    processor = getattr(transformers, kind)(
        **{key: value for key, value in config.items() if not key.endswith("_type")})
    inputs = processor(picture, return_tensors="pt")
    with torch.no_grad():
        features[name] = model(**inputs).last_hidden_state[0].contiguous()
    print(name, tuple(inputs["pixel_values"].shape))
(folder / "preprocessors.json").write_text(json.dumps(cases, indent=1) + "\n")
save_file(features, folder / "features.safetensors")
