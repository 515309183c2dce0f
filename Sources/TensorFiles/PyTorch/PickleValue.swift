/// A value in a pickle: plain data, a container or a tensor. None can execute anything.
enum PickleValue: Sendable {
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case text(String)
  /// The index of a container. Containers may contain one another, even in cycles.
  case container(Int)
  case global(PickleGlobal)
  case storage(PickleStorage)
  case tensor(PickleTensor)
  /// An object of which nothing is kept but what it is.
  case object(PickleObject)
}

/// The contents of a container.
enum PickleContainer: Sendable {
  case tuple([PickleValue])
  case list([PickleValue])
  case dictionary([(key: PickleValue, value: PickleValue)])
}

/// The storage of a tensor's elements, or a part of one.
struct PickleStorage: Sendable {
  let element: PickleElement
  let key: String
  /// The elements of the whole storage.
  let count: Int
  /// The elements that tensors may refer to: all, or those of a view.
  var view: Range<Int>

  init(element: PickleElement, key: String, count: Int) {
    (self.element, self.key, self.count) = (element, key, count)
    view = 0..<count
  }
}

/// A tensor: a view of a storage.
struct PickleTensor: Sendable {
  let storage: PickleStorage
  let element: PickleElement
  /// The index of the first element in the storage. Strides are in elements too.
  let offset: Int
  let shape: [Int]
  let strides: [Int]
  /// Whether the values are the storage's times −1, as of `x.conj().imag`.
  var isNegated = false
}
