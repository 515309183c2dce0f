import Support

/// Returns the error for a PyTorch file that violates its format.
func damaged(_ path: String, _ what: String) -> FileError {
  FileError(
    file: path, what: what,
    remedy: "it is damaged or no checkpoint of PyTorch's; copy it anew, or load and save it with "
      + "torch.save")
}
