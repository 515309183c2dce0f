"""The distillation step of the DINOv2 paper (section 5, "Distillation"), in plain PyTorch on the CPU,
beside the pre-training step that it differs from in five places: a frozen teacher of another shape, no
masks, no stochastic depth, iBOT on every patch of both global crops, and an EMA of the student that
nothing learns from. With "objective": "features" the teacher needs no heads: its features are predicted.

It records a case for `dinod verify` (docs/verify.md says what one is):

    python distillation_reference.py CASE.json FOLDER        # needs torch, numpy and safetensors
"""
import argparse, json, os
import torch
import torch.nn.functional as F
from dinov2_reference import (build, cross_entropy, dump, expected_step, general_position, gradients, koleo,
                              named_inputs, parameter_groups, random_batch, save_results, sinkhorn_knopp, update)


def patch_head(network):
    return network["ibot_head" if "ibot_head" in network else "dino_head"]


def distillation_loss(student, teacher, batch, c, teacher_temp):
    b = len(batch["global_crops"]) // 2
    locals_ = len(batch["local_crops"]) // b
    with torch.no_grad():
        (cls, patches), = teacher["backbone"]([batch["global_crops"]])
        swapped = torch.cat([cls[b:], cls[:b]])  # the target of crop 1 is crop 2, and the reverse
        t_cls = sinkhorn_knopp(teacher["dino_head"](swapped), teacher_temp).view(2, b, -1)
        t_patch = sinkhorn_knopp(patch_head(teacher)(patches.flatten(0, 1)), teacher_temp)
    # Masks that hide nothing: the mask token's gradient is then zero rather than none.
    nothing = torch.zeros(patches.shape[:2], dtype=torch.bool)
    (g_cls, g_patch), (l_cls, _) = student["backbone"](
        [batch["global_crops"], batch["local_crops"]], [nothing, None])
    s_patch = patch_head(student)(g_patch.flatten(0, 1))
    s_local, s_global = student["dino_head"](l_cls), student["dino_head"](g_cls)
    terms = 2 + 2 * locals_
    local = cross_entropy(t_cls.sum(0), s_local.view(locals_, b, -1)).mean() * locals_ / terms
    global_ = cross_entropy(t_cls.flatten(0, 1), s_global).mean() * 2 / terms
    spread = sum(koleo(x) for x in g_cls.chunk(2))
    patch = cross_entropy(t_patch, s_patch).view(2 * b, -1).mean(1).mean()  # a crop's patches, then crops
    total = c["dino_weight"] * (local + global_) + c["koleo_weight"] * spread + c["ibot_weight"] * patch
    return total, {"dino_local_crops_loss": local, "dino_global_crops_loss": global_,
                   "koleo_loss": c["koleo_weight"] * spread / 2, "ibot_loss": patch / 2}


class Standardised:
    """Features less the mean of their channel, divided by its deviation. The statistics are means over all steps, in
    which a step has a weight of at least a thousandth, and include the present one."""

    def __init__(self):
        self.mean = self.square = None
        self.steps = 0

    def __call__(self, x, moves):
        share = max(1 / (self.steps + 1), 1e-3)
        old = (torch.zeros(x.shape[-1]),) * 2 if self.mean is None else (self.mean, self.square)
        mean, square = [o + share * (n.mean(0) - o) for o, n in zip(old, (x, x * x))]
        if moves:
            self.mean, self.square, self.steps = mean, square, self.steps + 1
        return (x - mean) / ((square - mean * mean).maximum(1e-6 * mean * mean).sqrt() + 1e-6)


def resized(patches, student, teacher, size):
    """The teacher's patches on the student's grid, where the sizes of their patches differ."""
    if student["backbone"].patch == teacher["backbone"].patch:
        return patches
    old, new = size // teacher["backbone"].patch, size // student["backbone"].patch
    maps = patches.unflatten(1, (old, old)).permute(0, 3, 1, 2)
    maps = F.interpolate(maps, size=(new, new), mode="bilinear", antialias=True)
    return maps.permute(0, 2, 3, 1).flatten(1, 2)


def feature_loss(student, teacher, batch, c, statistics, moves):
    """From features alone: the student sees the teacher's crops, and predicts its standardised CLS and patches."""
    with torch.no_grad():
        (cls, patches), = teacher["backbone"]([batch["global_crops"]])
        patches = resized(patches, student, teacher, c["global_size"])
        t_cls = statistics["cls"](cls, moves)
        t_patch = statistics["patch"](patches.flatten(0, 1), moves)
    nothing = torch.zeros(patches.shape[:2], dtype=torch.bool)
    (g_cls, g_patch), = student["backbone"]([batch["global_crops"]], [nothing])

    def distance(s, t):
        return (c["features_cosine_weight"] * (1 - F.cosine_similarity(s, t, dim=-1))
                + c["features_smooth_l1_weight"] * F.smooth_l1_loss(s, t, reduction="none").mean(-1)).mean()

    global_ = distance(student["dino_head"](g_cls), t_cls)
    patch = distance(patch_head(student)(g_patch.flatten(0, 1)), t_patch)
    spread = sum(koleo(x) for x in g_cls.chunk(2))
    total = c["dino_weight"] * global_ + c["koleo_weight"] * spread + c["ibot_weight"] * patch
    return total, {"dino_local_crops_loss": torch.zeros(()), "dino_global_crops_loss": global_,
                   "koleo_loss": c["koleo_weight"] * spread / 2, "ibot_loss": patch / 2}


def record(case_file, out):
    from safetensors.torch import save_file
    c = json.load(open(case_file))
    os.makedirs(out, exist_ok=True)
    torch.manual_seed(c["seed"]); g = torch.Generator().manual_seed(c["seed"])
    student, teacher, average = build(c), build(c["teacher"]), build(c)
    general_position((student, teacher), c, g)
    average.load_state_dict(student.state_dict())
    save_file({**dump(student, "student"), **dump(teacher, "teacher")}, f"{out}/init.safetensors")
    optimiser = torch.optim.AdamW(parameter_groups(student, c), betas=(0.9, 0.999), eps=1e-8)
    inputs, expected, grads = {}, [], {}
    statistics = {"cls": Standardised(), "patch": Standardised()}

    def loss(batch, s, moves):
        if c.get("objective") == "features":
            return feature_loss(student, teacher, batch, c, statistics, moves)
        return distillation_loss(student, teacher, batch, c, s["teacher_temp"])

    for step, s in enumerate(c["steps"]):
        batch = {k: v for k, v in random_batch(c, g).items() if k != "masks"}
        inputs.update(named_inputs(f"{step}", batch))
        if step == 0:
            grads = gradients(student, loss(batch, s, moves=False)[0])
        total, losses = loss(batch, s, moves=True)
        expected.append(expected_step(total, losses, update(student, average, optimiser, total, c, s)))
    save_results(out, json.dumps(c, indent=1), average, batch["global_crops"], inputs,
                 {**grads, **dump(student, "final.student"), **dump(average, "final.average")}, expected, c, g)


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("case"); p.add_argument("out", metavar="folder")
    a = p.parse_args(); record(a.case, a.out)
