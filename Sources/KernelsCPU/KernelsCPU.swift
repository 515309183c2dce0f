// KernelsCPU
