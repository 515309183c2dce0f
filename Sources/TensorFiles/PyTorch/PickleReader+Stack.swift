extension PickleReader {
  /// The depth below which nothing may be popped: the values below a mark belong to an outer
  /// object.
  var floor: Int { marks.last ?? 0 }

  /// Pops the top value.
  mutating func pop() throws(PickleFault) -> PickleValue {
    guard stack.count > floor else { throw PickleFault("its pickle takes from an empty stack") }
    return stack.removeLast()
  }

  /// Returns the top value without popping it.
  func top() throws(PickleFault) -> PickleValue {
    guard stack.count > floor, let top = stack.last else {
      throw PickleFault("its pickle takes from an empty stack")
    }
    return top
  }

  /// Pops `count` values and returns them in the order in which they were pushed.
  mutating func take(_ count: Int) throws(PickleFault) -> [PickleValue] {
    guard stack.count - floor >= count else {
      throw PickleFault("its pickle takes from an empty stack")
    }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  /// Pops the values above the last mark, and the mark.
  mutating func takeToMark() throws(PickleFault) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw PickleFault("its pickle lacks a mark") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  /// Returns a value from the memo.
  func recall(_ key: Int) throws(PickleFault) -> PickleValue {
    guard let value = memo[key] else { throw PickleFault("its pickle recalls an unknown memo") }
    return value
  }

  /// Pushes a new container.
  mutating func push(_ container: PickleContainer) {
    stack.append(.container(containers.count))
    containers.append(container)
  }

  /// Appends values to the list on top of the stack. An object that is passed over takes any.
  mutating func append(_ values: [PickleValue]) throws(PickleFault) {
    if case .object = try top() { return }
    guard case .container(let number) = try top(), case .list(var list) = containers[number] else {
      throw PickleFault("its pickle appends to a value that is not a list")
    }
    // The list is moved out first, so that appending does not copy it.
    containers[number] = .list([])
    list += values
    containers[number] = .list(list)
  }

  /// Adds alternating keys and values to the dictionary on top of the stack. An object that is
  /// passed over takes any.
  mutating func setItems(_ values: [PickleValue]) throws(PickleFault) {
    if case .object = try top() { return }
    guard values.count.isMultiple(of: 2), case .container(let number) = try top(),
      case .dictionary(var pairs) = containers[number]
    else { throw PickleFault("its pickle sets items of a value that is not a dictionary") }
    containers[number] = .dictionary([])
    for index in stride(from: 0, to: values.count, by: 2) {
      pairs.append((values[index], values[index + 1]))
    }
    containers[number] = .dictionary(pairs)
  }

  /// Executes `BUILD`, which sets attributes of an object.
  /// They are ignored: the attributes of a dictionary, a parameter or an object that is passed over
  /// do not affect the tensors.
  mutating func build() throws(PickleFault) {
    _ = try pop()
    switch try top() {
    case .object, .tensor: return
    case .container(let number):
      if case .dictionary = containers[number] { return }
      fallthrough
    default: throw PickleFault("its pickle sets attributes of what has none")
    }
  }
}
