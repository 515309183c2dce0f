/// An error in a pickle, worded to follow the file's name.
struct PickleFault: Error {
  let what: String
  /// What the user can do about it. `nil` if the pickle is damaged, or none of PyTorch's.
  let remedy: String?

  init(_ what: String, remedy: String? = nil) { (self.what, self.remedy) = (what, remedy) }
}
