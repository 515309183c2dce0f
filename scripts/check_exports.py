"""The comparison of scripts/check-exports: DINOD SCRATCH."""

import json
import os
import pathlib
import subprocess
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

# The relative error that is allowed between two libraries' features of the same pixels.
TOLERANCE = 1e-4


class FeedForward(nn.Module):
    def __init__(self, width, hidden, gated):
        super().__init__()
        if gated:
            self.w12, self.w3 = nn.Linear(width, 2 * hidden), nn.Linear(hidden, width)
        else:
            self.fc1, self.fc2 = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x):
        if hasattr(self, "fc1"):
            return self.fc2(F.gelu(self.fc1(x)))
        gate, value = self.w12(x).chunk(2, dim=-1)
        return self.w3(F.silu(gate) * value)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        images, tokens, width = x.shape
        parts = self.qkv(x).reshape(images, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(*parts)
        return self.proj(y.transpose(1, 2).reshape(images, tokens, width))


class Scale(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))


class Block(nn.Module):
    def __init__(self, width, heads, hidden, gated):
        super().__init__()
        self.norm1, self.norm2 = (nn.LayerNorm(width, eps=1e-6) for _ in range(2))
        self.attn, self.mlp = Attention(width, heads), FeedForward(width, hidden, gated)
        self.ls1, self.ls2 = Scale(width), Scale(width)

    def forward(self, x):
        x = x + self.ls1.gamma * self.attn(self.norm1(x))
        return x + self.ls2.gamma * self.mlp(self.norm2(x))


class Official(nn.Module):
    """DINOv2's backbone under the official names, for images of the size it is made for."""

    def __init__(self, width, depth, heads, hidden, grid, patch=14, registers=0, gated=False):
        super().__init__()
        self.registers = registers
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + grid * grid, width))
        if registers:
            self.register_tokens = nn.Parameter(torch.zeros(1, registers, width))
        self.mask_token = nn.Parameter(torch.zeros(1, width))
        self.patch_embed = nn.Module()
        self.patch_embed.proj = nn.Conv2d(3, width, patch, patch)
        self.blocks = nn.ModuleList(Block(width, heads, hidden, gated) for _ in range(depth))
        self.norm = nn.LayerNorm(width, eps=1e-6)

    def forward(self, pixels):
        x = self.patch_embed.proj(pixels).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], dim=1) + self.pos_embed
        if self.registers:
            x = torch.cat(
                [x[:, :1], self.register_tokens.expand(len(x), -1, -1), x[:, 1:]], dim=1)
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


def random_model(sizes):
    """A model whose every tensor matters to its features."""
    torch.manual_seed(0)
    model = Official(**sizes).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            around = 0.3 if "gamma" in name else 1.0 if "norm" in name and "weight" in name else 0
            parameter.copy_(around + 0.05 * torch.randn_like(parameter))
    return model


def dinod(*words):
    done = subprocess.run([DINOD, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"dinod {' '.join(map(str, words))}\n{done.stderr}")
    return done.stdout


def prepare_torchvision():
    """Declares torchvision's operators where it is there but made for another build of PyTorch:
    timm imports it, and calls none of them. Gives what keeps them declared."""
    test = subprocess.run([sys.executable, "-c", "import torchvision"], capture_output=True)
    if test.returncode == 0:
        return None
    names = ["nms", "qnms"]
    for name in ["roi_align", "roi_pool", "ps_roi_align", "ps_roi_pool", "deform_conv2d"]:
        names += [name, f"_{name}_backward"]
    library = torch.library.Library("torchvision", "DEF")
    for name in names:
        library.define(f"{name}(Tensor a) -> Tensor")
    return library


def load_huggingface(folder):
    from transformers import AutoModel

    model, report = AutoModel.from_pretrained(folder, output_loading_info=True)
    strict = not any(report[kind] for kind in ["missing_keys", "unexpected_keys", "mismatched_keys"])
    return strict, lambda pixels: model.eval()(pixels).last_hidden_state


def load_timm(folder):
    import timm

    model = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
    stored = load_file(folder / "model.safetensors")
    own = model.state_dict()
    strict = own.keys() == stored.keys() and all(own[k].equal(stored[k]) for k in own)
    return strict, model.forward_features


def other_sizes(folder):
    """The two libraries' CLS of pictures of other sizes, for which they resize positions."""
    import timm
    from transformers import AutoModel

    model = timm.create_model(
        f"local-dir:{folder / 'timm'}", pretrained=True, dynamic_img_size=True).eval()
    yield "timm", lambda pixels: model.forward_features(pixels)[:, 0]
    other = AutoModel.from_pretrained(folder / "huggingface").eval()
    yield "huggingface", lambda pixels: other(pixels).last_hidden_state[:, 0]


def load_official(folder, sizes):
    model = Official(**sizes).eval()
    model.load_state_dict(torch.load(folder / "model.pth", weights_only=True), strict=True)
    return True, model


def error(ours, theirs):
    """The largest relative distance of a token."""
    return ((ours - theirs).norm(dim=-1) / theirs.norm(dim=-1)).max().item()


def same_bits(one, other):
    return one.keys() == other.keys() and all(
        one[k].shape == other[k].shape
        and one[k].view(torch.int32).equal(other[k].view(torch.int32)) for k in one)


def tensors(path):
    return torch.load(path, weights_only=True) if path.suffix == ".pth" else load_file(path)


def report(holds, what):
    print(f"{'agrees ' if holds else 'DIFFERS'}  {what}", flush=True)
    report.all_hold = getattr(report, "all_hold", True) and holds


def check(name, sizes, scratch):
    model = random_model(sizes)
    folder = scratch / name
    folder.mkdir()
    source = folder / "official.pth"
    torch.save(model.state_dict(), source)
    # The heads' width is no tensor: beside the file stands what tells of it.
    (folder / "config.json").write_text(json.dumps({"num_attention_heads": sizes["heads"]}))
    side = sizes["grid"] * sizes.get("patch", 14)
    pixels = torch.randn(2, 3, side, side)
    dinod("import", source, "--to", folder / "imported")
    loaders = {
        "huggingface": load_huggingface, "timm": load_timm,
        "dinov2": lambda path: load_official(path, sizes)}
    with torch.no_grad():
        expected = model(pixels)
        for form, load in loaders.items():
            export = folder / form
            dinod("export", folder / "imported", "--format", form, "--to", export)
            strict, features = load(export)
            report(strict, f"{name}: {form} loads strictly")
            worst = error(features(pixels), expected)
            report(worst < TOLERANCE, f"{name}: features by {form}, relative error {worst:.1e}")
            check_round_trip(name, form, export)
        for weights in ["official.pth", "imported", "huggingface", "timm"]:
            check_embeddings(name, folder, weights, pixels, expected[:, 0])
        patch = sizes.get("patch", 14)
        for weights, features in other_sizes(folder):
            for height, width in [(16 * patch, 16 * patch), (28 * patch, 37 * patch)]:
                pixels = torch.randn(2, 3, height, width)
                check_embeddings(name, folder, weights, pixels, features(pixels))


def check_round_trip(name, form, export):
    """What an export holds, imported and exported again."""
    again = export.with_name(form + "-again")
    dinod("import", export, "--to", export.with_name(form + "-imported"))
    dinod("export", export.with_name(form + "-imported"), "--format", form, "--to", again)
    file = "model.pth" if form == "dinov2" else "model.safetensors"
    same = same_bits(tensors(export / file), tensors(again / file))
    report(same, f"{name}: {form} -> import -> export, bit by bit")


def check_embeddings(name, folder, weights, pixels, expected):
    """dinod's own CLS, by one of the layouts, of the same pixels."""
    height, width = pixels.shape[2:]
    source = folder / f"pixels-{height}x{width}.safetensors"
    save_file({"pixels": pixels}, source)
    output = folder / f"{weights}-{height}x{width}-features.safetensors"
    dinod("embed", folder / weights, source, "--to", output)
    worst = error(load_file(output)["cls"], expected)
    report(
        worst < TOLERANCE,
        f"{name}: dinod embed of {weights} at {height} x {width}, relative error {worst:.1e}")


def check_official_checkpoint(scratch):
    """Names as the official code's training writes them: chunks of blocks, and other networks."""
    model = random_model(dict(width=128, depth=4, heads=2, hidden=512, grid=4))
    network = {}
    for name, value in model.state_dict().items():
        if name.startswith("blocks."):
            number, rest = name.removeprefix("blocks.").split(".", 1)
            name = f"blocks.{int(number) // 2}.{number}.{rest}"
        network[f"backbone.{name}"] = value
    network["dino_head.last_layer.weight_g"] = torch.ones(16, 1)
    path = scratch / "checkpoint.pth"
    torch.save({"teacher": network, "student": {k: v + 1 for k, v in network.items()}}, path)
    output = dinod("import", path, "--to", scratch / "checkpoint")
    dinod("export", scratch / "checkpoint", "--format", "dinov2", "--to", scratch / "plain")
    same = same_bits(tensors(scratch / "plain" / "model.pth"), model.state_dict())
    report(same and "heads: dino_head" in output, "official checkpoint: teacher, chunks, heads")
    half = {k: v.half() for k, v in model.state_dict().items()}
    torch.save(half, scratch / "half.pth")
    dinod("export", scratch / "half.pth", "--format", "dinov2", "--to", scratch / "half")
    same = same_bits(
        tensors(scratch / "half" / "model.pth"), {k: v.float() for k, v in half.items()})
    report(same, "half precision is read exactly")


def main():
    global DINOD
    DINOD, scratch = sys.argv[1], pathlib.Path(sys.argv[2])
    operators = prepare_torchvision()
    small = dict(width=384, depth=12, heads=6, hidden=1536, grid=37)
    gated = dict(width=192, depth=3, heads=3, hidden=512, grid=8, gated=True)
    check("vit_small", small, scratch)
    check("vit_small_reg4", dict(small, registers=4), scratch)
    check("swiglu", gated, scratch)
    check("swiglu_reg2", dict(gated, registers=2), scratch)
    check_official_checkpoint(scratch)
    del operators
    sys.exit(0 if report.all_hold else 1)


main()
