/// An object that is passed over: settings, dates, arrays.
enum PickleObject: String, Sendable {
  /// An object that holds no weights.
  case other
  case array = "a NumPy array"
  case quantised = "a quantised tensor"
  case sparse = "a sparse tensor"
  case nested = "a nested tensor"
  case meta = "a tensor of the meta device, which has no values"
  case wrapped = "a tensor of a class of its own"
}
