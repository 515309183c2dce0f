"""The pre-training step over several ranks, in plain PyTorch and one process: what the official code computes on
as many GPUs. Each rank has images, masks and stochastic depth of its own, and KoLeo compares the images of one rank.
Sinkhorn-Knopp assigns the samples of all ranks together. A center moves by the mean of the ranks' means, and
gradients and losses are means over the ranks.

It records a case for `dinod verify` (docs/verify.md says what one is), whose settings have a `world`:

    python world_reference.py CASE.json FOLDER        # needs torch, numpy and safetensors
"""
import argparse, json, os
import torch
from torch.nn import functional as F
from dinov2_reference import (build, cross_entropy, dump, expected_step, general_position, gradients, koleo,
                              named_inputs, parameter_groups, random_batch, random_keep, save_results, sinkhorn_knopp,
                              update)


def targets(logits, temperature, c, kind):
    """logits: a list, one entry a rank."""
    if c.get("centering", "sinkhorn_knopp") == "sinkhorn_knopp":
        return sinkhorn_knopp(torch.cat(logits), temperature).split([len(x) for x in logits])
    centers = c.setdefault("centers", {})
    center = centers.get(kind, torch.zeros(logits[0].shape[-1]))
    if not c.get("probing"):
        means = [x.float().mean(0) for x in logits]
        centers[kind] = center * 0.9 + sum(means) / len(means) * 0.1
    return [F.softmax((x.float() - center) / temperature, dim=-1) for x in logits]


def world_loss(student, teacher, batches, c, teacher_temp, keeps):
    b, patch_head = c["batch"], "ibot_head" if "ibot_head" in student else "dino_head"
    flats = [batch["masks"].flatten().nonzero().flatten() for batch in batches]
    with torch.no_grad():
        cls_logits, patch_logits = [], []
        for batch, flat in zip(batches, flats):
            (cls, patches), = teacher["backbone"]([batch["global_crops"]])
            cls_logits.append(teacher["dino_head"](torch.cat([cls[b:], cls[:b]])))
            patch_logits.append(teacher[patch_head](patches.flatten(0, 1)[flat]))
        t_cls = targets(cls_logits, teacher_temp, c, "dino")
        t_patch = targets(patch_logits, teacher_temp, c, "ibot")
    total, losses = 0, {}
    for rank, (batch, flat, keep) in enumerate(zip(batches, flats, keeps)):
        masks, locals_ = batch["masks"], len(batch["local_crops"]) // b
        weight = (1 / masks.sum(-1).clamp(min=1)).unsqueeze(-1).expand_as(masks)[masks]
        (g_cls, g_patch), (l_cls, _) = student["backbone"](
            [batch["global_crops"], batch["local_crops"]], [masks, None], keep)
        s_patch = student[patch_head](g_patch.flatten(0, 1)[flat])
        s_local, s_global = student["dino_head"](l_cls), student["dino_head"](g_cls)
        terms, t = 2 + 2 * locals_, t_cls[rank].view(2, b, -1)
        local = cross_entropy(t.sum(0), s_local.view(locals_, b, -1)).mean() * locals_ / terms
        global_ = cross_entropy(t.flatten(0, 1), s_global).mean() * 2 / terms
        spread = sum(koleo(x) for x in g_cls.chunk(2))
        patch = (cross_entropy(t_patch[rank], s_patch) * weight).sum() / len(masks)
        total = total + c["dino_weight"] * (local + global_) + c["koleo_weight"] * spread + c["ibot_weight"] * patch
        for name, value in (("dino_local_crops_loss", local), ("dino_global_crops_loss", global_),
                            ("koleo_loss", c["koleo_weight"] * spread / 2), ("ibot_loss", patch / 2)):
            losses[name] = losses.get(name, 0) + value / c["world"]
    return total / c["world"], losses


def record(case_file, out):
    from safetensors.torch import save_file
    c = json.load(open(case_file))
    settings = json.dumps(c, indent=1)
    os.makedirs(out, exist_ok=True)
    torch.manual_seed(c["seed"]); g = torch.Generator().manual_seed(c["seed"])
    student, teacher = build(c), build(c)
    general_position((student, teacher), c, g)
    save_file({**dump(student, "student"), **dump(teacher, "teacher")}, f"{out}/init.safetensors")
    optimiser = torch.optim.AdamW(parameter_groups(student, c), betas=(0.9, 0.999), eps=1e-8)
    inputs, expected, grads = {}, [], {}
    for step, s in enumerate(c["steps"]):
        batches = [random_batch(c, g) for _ in range(c["world"])]
        if c.get("unmasked_rank") is not None:  # a rank that has nothing for iBOT takes part in all sums
            batches[c["unmasked_rank"]]["masks"].fill_(False)
        keeps = [random_keep(c, g) for _ in range(c["world"])]
        for rank, (batch, keep) in enumerate(zip(batches, keeps)):
            inputs.update(named_inputs(f"{step}.rank{rank}", batch, keep))
        if step == 0:
            grads = gradients(
                student, world_loss(student, teacher, batches, {**c, "probing": True}, s["teacher_temp"], keeps)[0])
        total, losses = world_loss(student, teacher, batches, c, s["teacher_temp"], keeps)
        expected.append(expected_step(total, losses, update(student, teacher, optimiser, total, c, s)))
    save_results(out, settings, teacher, batches[0]["global_crops"], inputs,
                 {**grads, **dump(student, "final.student"), **dump(teacher, "final.teacher")}, expected, c, g)


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("case"); p.add_argument("out", metavar="folder")
    a = p.parse_args(); record(a.case, a.out)
