extension PickleReader {
  /// The lowest place that may be taken from: values below a mark belong to what is outside.
  var floor: Int { marks.last ?? 0 }

  /// Takes the top value.
  mutating func pop() throws(PickleFault) -> PickleValue {
    guard stack.count > floor else { throw PickleFault("its pickle takes what is not there") }
    return stack.removeLast()
  }

  /// The top value, left where it is.
  func top() throws(PickleFault) -> PickleValue {
    guard stack.count > floor, let top = stack.last else {
      throw PickleFault("its pickle takes what is not there")
    }
    return top
  }

  /// Takes so many values from the top, in their order.
  mutating func take(_ count: Int) throws(PickleFault) -> [PickleValue] {
    guard stack.count - floor >= count else {
      throw PickleFault("its pickle takes what is not there")
    }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  /// Takes the values down to the last mark, and the mark.
  mutating func takeToMark() throws(PickleFault) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw PickleFault("its pickle lacks a mark") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  /// A value that was put into the memo.
  func recall(_ key: Int) throws(PickleFault) -> PickleValue {
    guard let value = memo[key] else { throw PickleFault("its pickle recalls what it never said") }
    return value
  }

  /// Puts a new container on top.
  mutating func push(_ container: PickleContainer) {
    stack.append(.container(containers.count))
    containers.append(container)
  }

  /// Appends to the list on top.
  mutating func append(_ values: [PickleValue]) throws(PickleFault) {
    guard case .container(let number) = try top(), case .list(var list) = containers[number] else {
      throw PickleFault("its pickle appends to what is no list")
    }
    // Out of its place, so that it is not copied.
    containers[number] = .list([])
    list += values
    containers[number] = .list(list)
  }

  /// Adds names and values, in turn, to the dictionary on top.
  mutating func setItems(_ values: [PickleValue]) throws(PickleFault) {
    guard values.count.isMultiple(of: 2), case .container(let number) = try top(),
      case .dictionary(var pairs) = containers[number]
    else { throw PickleFault("its pickle sets items of what is no dictionary") }
    containers[number] = .dictionary([])
    for index in stride(from: 0, to: values.count, by: 2) {
      pairs.append((values[index], values[index + 1]))
    }
    containers[number] = .dictionary(pairs)
  }

  /// `BUILD` gives an object attributes; those of dictionaries of weights say nothing of them.
  mutating func build() throws(PickleFault) {
    _ = try pop()
    guard case .container(let number) = try top(), case .dictionary = containers[number] else {
      throw PickleFault("its pickle sets attributes of what is no dictionary")
    }
  }
}
