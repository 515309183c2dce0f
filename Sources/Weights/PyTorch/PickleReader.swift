/// What is wrong with a pickle, in words that follow the file's name.
struct PickleFault: Error {
  let what: String

  init(_ what: String) { self.what = what }
}

/// A machine for the pickles that `torch.save` writes (protocols 2 to 5), which can build plain
/// values, containers and tensors, and call nothing.
///
/// Memory is bounded by the pickle's size: containers are kept by number, so that neither circles
/// nor depth nor repetition cost more than the bytes that name them.
/// Source: Python's `pickletools`, for what each opcode does.
struct PickleReader {
  private let bytes: [UInt8]
  private var position = 0
  private var stack: [PickleValue] = []
  /// Where the stack stood at each mark that is open.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private(set) var containers: [PickleContainer] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Runs the pickle to its end; gives its one value.
  mutating func run() throws(PickleFault) -> PickleValue {
    while true {
      let code = try byte()
      guard let opcode = Opcode(rawValue: code) else {
        throw PickleFault(
          "its pickle has opcode 0x\(String(code, radix: 16)) at byte \(position - 1), "
            + "which torch.save does not write")
      }
      if opcode == .stop {
        guard stack.count == 1, marks.isEmpty else { throw PickleFault("its pickle does not end") }
        return stack[0]
      }
      try step(opcode)
    }
  }

  private mutating func step(_ opcode: Opcode) throws(PickleFault) {
    switch opcode {
    case .stop, .frame, .proto: try skip(opcode)
    case .mark: marks.append(stack.count)
    case .pop: _ = try pop()
    case .none: stack.append(.none)
    case .newTrue: stack.append(.bool(true))
    case .newFalse: stack.append(.bool(false))
    case .binInt: stack.append(.int(Int(Int32(truncatingIfNeeded: try number(4)))))
    case .binInt1: stack.append(.int(try number(1)))
    case .binInt2: stack.append(.int(try number(2)))
    case .long1: stack.append(.int(try long(try number(1))))
    case .binFloat:
      stack.append(.float(Double(bitPattern: UInt64(bitPattern: Int64(try number(8))).byteSwapped)))
    case .shortBinUnicode: stack.append(.text(try text(try number(1))))
    case .binUnicode: stack.append(.text(try text(try number(4))))
    case .emptyTuple: push(.tuple([]))
    case .tuple1: push(.tuple(try take(1)))
    case .tuple2: push(.tuple(try take(2)))
    case .tuple3: push(.tuple(try take(3)))
    case .tuple: push(.tuple(try takeToMark()))
    case .emptyList: push(.list([]))
    case .emptyDict: push(.dictionary([]))
    case .append: try append(try take(1))
    case .appends: try append(try takeToMark())
    case .setItem: try setItems(try take(2))
    case .setItems: try setItems(try takeToMark())
    case .binGet: stack.append(try recall(try number(1)))
    case .longBinGet: stack.append(try recall(try number(4)))
    case .binPut: memo[try number(1)] = try top()
    case .longBinPut: memo[try number(4)] = try top()
    case .memoize: memo[memo.count] = try top()
    case .global: try pushGlobal(module: try line(), name: try line())
    case .stackGlobal:
      guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
        throw PickleFault("its pickle names a global by what is no text")
      }
      try pushGlobal(module: module, name: name)
    case .binPersId: stack.append(.storage(try storage(try pop())))
    case .reduce:
      let arguments = try elements(try pop())
      stack.append(try call(try pop(), arguments))
    case .build: try build()
    }
  }
}

// Bytes.
extension PickleReader {
  private mutating func byte() throws(PickleFault) -> UInt8 {
    guard position < bytes.count else { throw PickleFault("its pickle ends early") }
    position += 1
    return bytes[position - 1]
  }

  /// A little-endian number of up to 8 bytes.
  private mutating func number(_ size: Int) throws(PickleFault) -> Int {
    guard bytes.count - position >= size else { throw PickleFault("its pickle ends early") }
    var number: UInt64 = 0
    for index in 0..<size { number |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    position += size
    return Int(truncatingIfNeeded: number)
  }

  /// A signed little-endian number of `size` bytes.
  private mutating func long(_ size: Int) throws(PickleFault) -> Int {
    guard size <= 8 else { throw PickleFault("its pickle has a number of \(size) bytes") }
    let shift = 64 - 8 * size
    return size == 0 ? 0 : (try number(size) << shift) >> shift
  }

  private mutating func text(_ size: Int) throws(PickleFault) -> String {
    guard bytes.count - position >= size else { throw PickleFault("its pickle ends early") }
    position += size
    return try string(bytes[position - size..<position])
  }

  private mutating func line() throws(PickleFault) -> String {
    guard let end = bytes[position...].firstIndex(of: 0x0A) else {
      throw PickleFault("its pickle ends early")
    }
    defer { position = end + 1 }
    return try string(bytes[position..<end])
  }

  private func string(_ bytes: ArraySlice<UInt8>) throws(PickleFault) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw PickleFault("its pickle has text that is not UTF-8")
    }
    return text
  }

  private mutating func skip(_ opcode: Opcode) throws(PickleFault) {
    if opcode == .frame { _ = try number(8) }
    if opcode == .proto {
      let version = try number(1)
      guard 2...5 ~= version else { throw PickleFault("its pickle is of protocol \(version)") }
    }
  }
}

// Stack and memo.
extension PickleReader {
  /// The lowest place that may be taken from: values below a mark belong to what is outside.
  private var floor: Int { marks.last ?? 0 }

  private mutating func pop() throws(PickleFault) -> PickleValue {
    guard stack.count > floor else { throw PickleFault("its pickle takes what is not there") }
    return stack.removeLast()
  }

  private func top() throws(PickleFault) -> PickleValue {
    guard stack.count > floor, let top = stack.last else {
      throw PickleFault("its pickle takes what is not there")
    }
    return top
  }

  private mutating func take(_ count: Int) throws(PickleFault) -> [PickleValue] {
    guard stack.count - floor >= count else {
      throw PickleFault("its pickle takes what is not there")
    }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func takeToMark() throws(PickleFault) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw PickleFault("its pickle lacks a mark") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private func recall(_ key: Int) throws(PickleFault) -> PickleValue {
    guard let value = memo[key] else { throw PickleFault("its pickle recalls what it never said") }
    return value
  }

  private mutating func push(_ container: PickleContainer) {
    stack.append(.container(containers.count))
    containers.append(container)
  }

  private mutating func append(_ values: [PickleValue]) throws(PickleFault) {
    guard case .container(let number) = try top(), case .list(var list) = containers[number] else {
      throw PickleFault("its pickle appends to what is no list")
    }
    // Out of its place, so that it is not copied.
    containers[number] = .list([])
    list += values
    containers[number] = .list(list)
  }

  private mutating func setItems(_ values: [PickleValue]) throws(PickleFault) {
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
  private mutating func build() throws(PickleFault) {
    _ = try pop()
    guard case .container(let number) = try top(), case .dictionary = containers[number] else {
      throw PickleFault("its pickle sets attributes of what is no dictionary")
    }
  }
}

// What stands for calls.
extension PickleReader {
  private mutating func pushGlobal(module: String, name: String) throws(PickleFault) {
    guard let global = PickleGlobal(module: module, name: name) else {
      throw PickleFault(
        "its pickle asks for \((module + "." + name).prefix(120)), which is no part of weights "
          + "and is not run")
    }
    stack.append(.global(global))
  }

  /// The elements of a tuple.
  private func elements(_ value: PickleValue) throws(PickleFault) -> [PickleValue] {
    guard case .container(let number) = value, case .tuple(let elements) = containers[number] else {
      throw PickleFault("its pickle has no tuple where one belongs")
    }
    return elements
  }

  private func numbers(_ value: PickleValue) throws(PickleFault) -> [Int] {
    try elements(value).map { (element) throws(PickleFault) in
      guard case .int(let number) = element, number >= 0 else {
        throw PickleFault("its pickle has a tensor whose extents are no numbers")
      }
      return number
    }
  }

  /// `("storage", FloatStorage, key, device, elements)`
  private func storage(_ identity: PickleValue) throws(PickleFault) -> PickleStorage {
    let parts = try elements(identity)
    guard parts.count == 5, case .text("storage") = parts[0],
      case .global(.storage(let kind)) = parts[1], case .text(let key) = parts[2],
      case .int(let count) = parts[4], count >= 0
    else { throw PickleFault("its pickle refers to what is no storage") }
    return PickleStorage(kind: kind, key: key, count: count)
  }

  private mutating func call(
    _ callee: PickleValue, _ arguments: [PickleValue]
  ) throws(PickleFault) -> PickleValue {
    guard case .global(let global) = callee else {
      throw PickleFault("its pickle calls what is no function")
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
        throw PickleFault("its pickle has a parameter that is no tensor")
      }
      return arguments[0]
    default:
      throw PickleFault("its pickle calls \(global) with \(arguments.count) arguments")
    }
  }
}

/// The opcodes that `torch.save` writes.
private enum Opcode: UInt8 {
  case proto = 0x80
  case frame = 0x95
  case stop = 0x2E
  case mark = 0x28
  case pop = 0x30
  case none = 0x4E
  case newTrue = 0x88
  case newFalse = 0x89
  case binInt = 0x4A
  case binInt1 = 0x4B
  case binInt2 = 0x4D
  case long1 = 0x8A
  case binFloat = 0x47
  case shortBinUnicode = 0x8C
  case binUnicode = 0x58
  case emptyTuple = 0x29
  case tuple1 = 0x85
  case tuple2 = 0x86
  case tuple3 = 0x87
  case tuple = 0x74
  case emptyList = 0x5D
  case emptyDict = 0x7D
  case append = 0x61
  case appends = 0x65
  case setItem = 0x73
  case setItems = 0x75
  case binGet = 0x68
  case longBinGet = 0x6A
  case binPut = 0x71
  case longBinPut = 0x72
  case memoize = 0x94
  case global = 0x63
  case stackGlobal = 0x93
  case binPersId = 0x51
  case reduce = 0x52
  case build = 0x62
}
