extension PickleReader {
  // Pickles name Python functions and call them. A few names are known, and no code is run.

  /// Returns the value of a Python name. Throws if the name is not understood.
  func global(module: String, name: String) throws(PickleFault) -> PickleValue {
    guard let global = PickleGlobal(module: module, name: name) else {
      throw PickleFault(refusing: module, name)
    }
    return .global(global)
  }

  /// Returns the value of a Python name whose module and name are on the stack.
  mutating func stackGlobal() throws(PickleFault) -> PickleValue {
    guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
      throw PickleFault("its pickle names a global by what is no text")
    }
    return try global(module: module, name: name)
  }

  /// Returns the result of calling the function, or the class, on the stack with the arguments on
  /// the stack.
  mutating func reduce() throws(PickleFault) -> PickleValue {
    let arguments = try elements(try pop())
    return try call(try pop(), arguments)
  }

  /// Returns an object of a class that is made with named arguments, which no known class has.
  mutating func newObjectEx() throws(PickleFault) -> PickleValue {
    _ = try pop()
    return try reduce()
  }

  /// Returns a set of the values above the last mark.
  mutating func frozenSet() throws(PickleFault) -> PickleValue {
    _ = try takeToMark()
    return .object(.other)
  }

  /// Returns the elements of a tuple.
  func elements(_ value: PickleValue) throws(PickleFault) -> [PickleValue] {
    guard case .container(let number) = value, case .tuple(let elements) = containers[number] else {
      throw PickleFault("its pickle has no tuple where one belongs")
    }
    return elements
  }

  /// The most axes of a tensor in PyTorch. A tuple may be used many times, so that without a limit
  /// the extents could take far more memory than the pickle.
  private static let mostAxes = 64

  private func numbers(_ value: PickleValue) throws(PickleFault) -> [Int] {
    let elements = try elements(value)
    guard elements.count <= Self.mostAxes else {
      throw PickleFault("its pickle has a tensor of \(elements.count) axes")
    }
    return try elements.map { (element) throws(PickleFault) in
      guard case .int(let number) = element, number >= 0 else {
        throw PickleFault("its pickle has a tensor whose extents are no numbers")
      }
      return number
    }
  }

  /// Returns the storage of `("storage", FloatStorage, key, device, elements)`. Before PyTorch 1.6
  /// a sixth part may name a view of it: `(key, first element, elements)`.
  mutating func storage(_ identity: PickleValue) throws(PickleFault) -> PickleStorage {
    let parts = try elements(identity)
    guard 5...6 ~= parts.count, case .text("storage") = parts[0],
      case .global(.storage(let element)) = parts[1], case .text(let key) = parts[2],
      case .int(let count) = parts[4], count >= 0,
      !count.multipliedReportingOverflow(by: element.size).overflow
    else { throw PickleFault("its pickle refers to what is no storage") }
    var storage = PickleStorage(element: element, key: key, count: count)
    if let known = storages[key], known.count != count || known.element != element {
      throw PickleFault("its pickle says two things of the storage \(key.prefix(40))")
    }
    storages[key] = storage
    if parts.count == 6, case .container = parts[5] {
      let view = try elements(parts[5])
      guard view.count == 3, case .int(let first) = view[1], case .int(let length) = view[2],
        0...count ~= first, 0...(count - first) ~= length
      else { throw PickleFault("its pickle has a view that reaches beyond its storage") }
      storage.view = first..<first + length
    }
    return storage
  }

  private mutating func call(
    _ callee: PickleValue, _ arguments: [PickleValue]
  ) throws(PickleFault) -> PickleValue {
    guard case .global(let global) = callee else {
      throw PickleFault("its pickle calls what is no function")
    }
    switch global {
    case .passedOver(let object): return .object(object)
    case .dictionary: return try dictionary(arguments)
    case .size where arguments.count == 1: return arguments[0]
    case .rebuildTensor where arguments.count >= 4: return .tensor(try tensor(arguments))
    case .rebuildTensorV3 where arguments.count >= 7:
      guard case .global(.element(let element)) = arguments[6] else {
        throw PickleFault("its pickle has a tensor without a type")
      }
      return .tensor(try tensor(arguments, element))
    case .rebuildParameter where !arguments.isEmpty:
      switch arguments[0] {
      case .tensor, .object: return arguments[0]
      default: throw PickleFault("its pickle has a parameter that is no tensor")
      }
    case .rebuildFromType where arguments.count >= 3:
      // The function that makes the tensor, its class, and the function's arguments.
      if case .global(.rebuildFromType) = arguments[0] { fallthrough }
      return try call(arguments[0], try elements(arguments[2]))
    default:
      throw PickleFault("its pickle calls \(global) with \(arguments.count) arguments")
    }
  }

  /// Returns a new dictionary. Its items come later, or, from Python 2, as a list of pairs.
  private mutating func dictionary(
    _ arguments: [PickleValue]
  ) throws(PickleFault) -> PickleValue {
    var pairs: [(key: PickleValue, value: PickleValue)] = []
    if case .container(let number)? = arguments.first {
      switch containers[number] {
      case .dictionary(let items): pairs = items
      case .list(let items):
        // A list may be used many times, too.
        listed += items.count
        guard listed <= bytes.count else { throw PickleFault("its pickle repeats lists endlessly") }
        for case .container(let item) in items {
          switch containers[item] {
          case .tuple(let pair) where pair.count == 2, .list(let pair) where pair.count == 2:
            pairs.append((pair[0], pair[1]))
          default: break
          }
        }
      case .tuple: break
      }
    }
    containers.append(.dictionary(pairs))
    return .container(containers.count - 1)
  }

  /// Returns the tensor of `(storage, offset, shape, strides, …)`. The metadata of some is a
  /// dictionary behind the first six, or behind the type.
  private func tensor(
    _ arguments: [PickleValue], _ type: PickleElement? = nil
  ) throws(PickleFault) -> PickleTensor {
    guard case .storage(let storage) = arguments[0], case .int(let offset) = arguments[1] else {
      throw PickleFault("its pickle has a tensor without a storage")
    }
    var tensor = PickleTensor(
      storage: storage, element: type ?? storage.element, offset: offset,
      shape: try numbers(arguments[2]), strides: try numbers(arguments[3]))
    if arguments.count > (type == nil ? 6 : 7), case .container(let number)? = arguments.last,
      case .dictionary(let pairs) = containers[number]
    {
      for case (.text("neg"), .bool(let isNegated)) in pairs { tensor.isNegated = isNegated }
    }
    return tensor
  }
}
