extension PickleReader {
  // Pickles name Python functions and call them. A few names are known, and no code is run.

  /// Returns the value of a Python name. Throws if the name is not used by weights.
  func global(module: String, name: String) throws(PickleFault) -> PickleValue {
    guard let global = PickleGlobal(module: module, name: name) else {
      throw PickleFault(
        "its pickle asks for \((module + "." + name).prefix(120)), which weights do not need "
          + "and which is not run")
    }
    return .global(global)
  }

  /// Returns the value of a Python name whose module and name are on the stack.
  mutating func stackGlobal() throws(PickleFault) -> PickleValue {
    guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
      throw PickleFault("its pickle names a global by a value that is not text")
    }
    return try global(module: module, name: name)
  }

  /// Returns the result of calling the function on the stack with the arguments on the stack.
  mutating func reduce() throws(PickleFault) -> PickleValue {
    let arguments = try elements(try pop())
    return try call(try pop(), arguments)
  }

  /// Returns the elements of a tuple.
  func elements(_ value: PickleValue) throws(PickleFault) -> [PickleValue] {
    guard case .container(let number) = value, case .tuple(let elements) = containers[number] else {
      throw PickleFault("its pickle has no tuple where one is expected")
    }
    return elements
  }

  func numbers(_ value: PickleValue) throws(PickleFault) -> [Int] {
    try elements(value).map { (element) throws(PickleFault) in
      guard case .int(let number) = element, number >= 0 else {
        throw PickleFault("its pickle has a tensor whose shape is not numbers")
      }
      return number
    }
  }

  /// Returns the storage of `("storage", FloatStorage, key, device, elements)`.
  func storage(_ identity: PickleValue) throws(PickleFault) -> PickleStorage {
    let parts = try elements(identity)
    guard parts.count == 5, case .text("storage") = parts[0],
      case .global(.storage(let kind)) = parts[1], case .text(let key) = parts[2],
      case .int(let count) = parts[4], count >= 0
    else { throw PickleFault("its pickle refers to a value that is not a storage") }
    return PickleStorage(kind: kind, key: key, count: count)
  }

  mutating func call(
    _ callee: PickleValue, _ arguments: [PickleValue]
  ) throws(PickleFault) -> PickleValue {
    guard case .global(let global) = callee else {
      throw PickleFault("its pickle calls a value that is not a function")
    }
    switch global {
    case .orderedDict where arguments.isEmpty:
      containers.append(.dictionary([]))
      return .container(containers.count - 1)
    case .size where arguments.count == 1:
      return arguments[0]
    case .rebuildTensor where arguments.count >= 4:
      guard case .storage(let storage) = arguments[0], case .int(let offset) = arguments[1] else {
        throw PickleFault("its pickle has a tensor without a storage")
      }
      return .tensor(
        PickleTensor(
          storage: storage, offset: offset, shape: try numbers(arguments[2]),
          strides: try numbers(arguments[3])))
    case .rebuildParameter where !arguments.isEmpty:
      guard case .tensor = arguments[0] else {
        throw PickleFault("its pickle has a parameter that is not a tensor")
      }
      return arguments[0]
    default:
      throw PickleFault("its pickle calls \(global) with \(arguments.count) arguments")
    }
  }
}
