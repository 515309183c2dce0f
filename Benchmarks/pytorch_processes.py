"""Times the pre-training step of Tests/Reference in PyTorch, shared by several processes over gloo, to compare
Dino's runs of several processes with. It is the step of pytorch_step.py with the official code's one exchange inside
the loss, the sums of Sinkhorn-Knopp; each process has images of its own, and PyTorch averages the gradients.

    ddp          DistributedDataParallel: whole models in every process, gradients summed in float32
    fsdp         FullyShardedDataParallel, SHARD_GRAD_OP, as the official code has it: parameters, gradients and
                 moments divided among the processes, parameters gathered for a step; bfloat16 is computed with and
                 sent, but the heads' gradients are summed in float32
    fsdp-full    the same with FULL_SHARD: the parameters of a block are gathered again for its backward pass

gloo makes a reduce-scatter of an all-reduce, so that fsdp sends twice what the sum of the gradients needs. And where
the processor has no bfloat16 (AVX-512 BF16 or AMX), PyTorch's products in it are many times slower than in float32:
there the bytes of fsdp say something and its time does not. With --fp32 it computes and sends in float32.

It is started once for each process, all at about the same time. Rank 0 prints a line of JSON, with the median time of a
step and, for each step, all the bytes that its host sent by the interface, so nothing else should use it meanwhile; the
first step counts for neither. The peak of memory is rank 0's, from its start. On two hosts of `scripts/hosts up 2`
(needs torch):

    scripts/hosts on h2 python Benchmarks/pytorch_processes.py --mode ddp --rank 1 --world 2 --master h1:29500 &
    scripts/hosts on h1 python Benchmarks/pytorch_processes.py --mode ddp --rank 0 --world 2 --master h1:29500
"""
import argparse, json, os, resource, sys, time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.fsdp import FullyShardedDataParallel as FSDP, MixedPrecision, ShardingStrategy
from torch.distributed.fsdp._runtime_utils import _reshard
from torch.distributed.fsdp.wrap import ModuleWrapPolicy
from torch.nn.parallel import DistributedDataParallel

sys.path.append(str(Path(__file__).resolve().parent.parent / "Tests/Reference"))
import dinov2_reference as reference
from pytorch_step import ARCH

STRATEGY = {"fsdp": ShardingStrategy.SHARD_GRAD_OP, "fsdp-full": ShardingStrategy.FULL_SHARD}


# ---------------------------------------------------------------- what the processes exchange inside the loss
@torch.no_grad()
def sinkhorn_knopp(logits, temperature, iterations=3):
    """That of the reference over the samples of all processes: each holds some columns, and sums of rows are shared."""
    q = torch.exp(logits.float() / temperature).t()
    prototypes, samples = q.shape
    both = torch.stack([q.sum(), torch.tensor(float(samples))])
    dist.all_reduce(both)
    total, samples = both
    q /= total
    for _ in range(iterations):
        rows = q.sum(1, keepdim=True)
        dist.all_reduce(rows)
        q /= rows * prototypes
        q /= q.sum(0, keepdim=True) * samples
    return (q * samples).t()


class Loss(nn.Module):
    """The loss as a module's forward pass, for DistributedDataParallel to wrap. The teacher is no part of it."""
    def __init__(self, student):
        super().__init__()
        self.student = student

    def forward(self, teacher, *arguments):
        return reference.forward_loss(self.student, teacher, *arguments)[0]


# ---------------------------------------------------------------- models divided among the processes
def shard(model, strategy, trained, fp32):
    """Wraps the backbone, each of its blocks and the heads, with the official precisions but bfloat16 for float16."""
    low = torch.float32 if fp32 else torch.bfloat16
    for name, part in model.items():
        sums = torch.float32 if trained and name != "backbone" else low
        model[name] = FSDP(
            part, sharding_strategy=strategy, use_orig_params=True, device_id=torch.device("cpu"),
            auto_wrap_policy=ModuleWrapPolicy({reference.Block}),
            mixed_precision=MixedPrecision(param_dtype=low, reduce_dtype=sums, buffer_dtype=torch.float32))


def release(model):
    """Lets go of gathered parameters. FSDP itself does so in a backward pass only, and the teacher has none."""
    for m in FSDP.fsdp_modules(model):
        if m._handle and m._handle.uses_sharded_strategy:
            _reshard(m, m._handle, True)


def parameter_groups(student, c):
    """The groups of the reference, by the parameters' names without what FSDP puts into them."""
    named = lambda m: [(name.replace("_fsdp_wrapped_module.", ""), p) for name, p in m.named_parameters()]
    return reference.parameter_groups(
        {part: SimpleNamespace(named_parameters=partial(named, m)) for part, m in student.items()}, c)


# ---------------------------------------------------------------- the step
def prepare(a, c):
    """The student, the teacher, the module that computes the loss, and the optimiser. All processes start alike."""
    torch.manual_seed(0)
    student, teacher = reference.build(c), reference.build(c)
    teacher.load_state_dict(student.state_dict())
    teacher.requires_grad_(False)
    if a.mode != "ddp":
        shard(student, STRATEGY[a.mode], trained=True, fp32=a.fp32)
        shard(teacher, STRATEGY[a.mode], trained=False, fp32=a.fp32)
        student["backbone"].register_forward_pre_hook(lambda *_: release(teacher))  # once the teacher is done
    loss = Loss(student)
    if a.mode == "ddp":
        loss = DistributedDataParallel(loss, gradient_as_bucket_view=True)
    return student, teacher, loss, torch.optim.AdamW(parameter_groups(student, c), betas=(0.9, 0.999))


def train_step(student, teacher, loss, optimiser, batch, c, s, keep, autocast):
    """That of the reference, but for the gradients' norms, which FSDP has to sum over the processes."""
    for g in optimiser.param_groups:
        g["lr"] = (s["last_layer_lr"] if g["last"] else s["lr"]) * g["lr_scale"]
        g["weight_decay"] = s["weight_decay"] if g["decays"] else 0.0
    optimiser.zero_grad(set_to_none=True)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        total = loss(teacher, batch, c, s["teacher_temp"], keep)
    total.backward()
    for m in student.values():
        if isinstance(m, FSDP):
            m.clip_grad_norm_(c["clip_grad"])
        else:
            nn.utils.clip_grad_norm_(m.parameters(), c["clip_grad"])
    optimiser.step()
    with torch.no_grad():  # of the divided models, each process averages its own part
        t, p = list(teacher.parameters()), list(student.parameters())
        torch._foreach_mul_(t, s["momentum"]); torch._foreach_add_(t, p, alpha=1 - s["momentum"])
    return total.detach()


def sent(interface):
    return int(Path(f"/sys/class/net/{interface}/statistics/tx_bytes").read_text())


def bench(a):
    torch.set_num_threads(a.threads)
    os.environ["GLOO_SOCKET_IFNAME"] = a.interface
    dist.init_process_group("gloo", init_method=f"tcp://{a.master}", rank=a.rank, world_size=a.world)
    reference.sinkhorn_knopp = sinkhorn_knopp
    dim, depth, heads = ARCH[a.arch]
    c = dict(embed_dim=dim, depth=depth, num_heads=heads, patch_size=a.patch, img_size=a.global_size, layerscale=1e-5,
             batch=a.images, global_size=a.global_size, local_size=a.local_size, local_crops=a.local_crops,
             drop_path=a.drop_path, dino_head=dict(prototypes=a.prototypes, hidden_dim=a.hidden, bottleneck_dim=256),
             dino_weight=1.0, koleo_weight=0.1, ibot_weight=1.0, layerwise_decay=0.9, patch_embed_lr_mult=0.2,
             clip_grad=3.0)
    student, teacher, loss, optimiser = prepare(a, c)
    g = torch.Generator().manual_seed(a.rank)
    s = dict(lr=1e-4, last_layer_lr=0.0, weight_decay=0.04, momentum=0.992, teacher_temp=0.05)
    times = []
    for step in range(a.steps + 1):
        batch, keep = reference.random_batch(c, g), reference.random_keep(c, g)
        dist.barrier()  # so that a step's time has no waiting for processes that are yet to make their batch
        if step == 1:
            before = sent(a.interface)
        t = time.perf_counter()
        train_step(student, teacher, loss, optimiser, batch, c, s, keep, a.bf16)
        times.append(time.perf_counter() - t)
    dist.barrier()
    after = sent(a.interface)
    if a.rank == 0:
        print(json.dumps({
            "mode": a.mode, "precision": "bf16" if (a.bf16 if a.mode == "ddp" else not a.fp32) else "fp32", "world": a.world,
            "images_per_rank": a.images, "threads": a.threads, "step_s": round(sorted(times[1:])[a.steps // 2], 4),
            "sent_bytes_per_step": (after - before) // a.steps,
            "peak_rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2 ** 10, 1)}), flush=True)
    dist.destroy_process_group()


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--mode", required=True, choices=["ddp", *STRATEGY])
    p.add_argument("--rank", type=int, required=True); p.add_argument("--world", type=int, required=True)
    p.add_argument("--master", required=True, metavar="HOST:PORT", help="where rank 0 runs, and a free port there")
    p.add_argument("--interface", default="eth0", help="the network interface to send through")
    p.add_argument("--arch", default="vit_small", choices=ARCH)
    p.add_argument("--bf16", action="store_true", help="of ddp: compute in bfloat16, through autocast")
    p.add_argument("--fp32", action="store_true", help="of fsdp and fsdp-full: compute and send in float32")
    for flag, kind, default in [("images", int, 2), ("local-crops", int, 2), ("steps", int, 6), ("threads", int, 1),
                                ("patch", int, 14), ("global-size", int, 224), ("local-size", int, 98),
                                ("prototypes", int, 65536), ("hidden", int, 2048), ("drop-path", float, 0.3)]:
        p.add_argument("--" + flag, type=kind, default=default)
    a = p.parse_args()
    if a.images < 2:
        p.error("KoLeo needs at least 2 images in each process")
    if a.bf16 if a.mode != "ddp" else a.fp32:
        p.error("--bf16 is for ddp, which computes in float32 otherwise, and --fp32 for fsdp, which computes in bfloat16")
    bench(a)
