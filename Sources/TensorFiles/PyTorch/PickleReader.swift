/// An interpreter for the pickles that `torch.save` writes (protocols 2 to 5). It can build plain
/// values, containers and tensors, and cannot call anything: of other objects only a few kinds are
/// known by name, and they are passed over.
///
/// Memory is bounded by the pickle's size: containers are referred to by index, so that cycles,
/// depth and repetition cost no more than the bytes that encode them.
/// Source: Python's `pickletools`, for the meaning of each opcode.
struct PickleReader {
  let bytes: [UInt8]
  var position = 0
  var stack: [PickleValue] = []
  /// The stack's depth at each open mark.
  var marks: [Int] = []
  var memo: [Int: PickleValue] = [:]
  var containers: [PickleContainer] = []
  /// The storages that the pickle refers to, by their keys.
  var storages: [String: PickleStorage] = [:]
  /// The items of all lists that dictionaries were made from.
  var listed = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Runs the pickle to its end and returns its value.
  mutating func run() throws(PickleFault) -> PickleValue {
    while true {
      let code = try byte()
      guard let opcode = PickleOpcode(rawValue: code) else {
        throw PickleFault(
          "its pickle has opcode 0x\(String(code, radix: 16)) at byte \(position - 1), "
            + "which torch.save does not write")
      }
      if opcode == .stop {
        guard stack.count == 1, marks.isEmpty else {
          throw PickleFault("its pickle does not end with one value")
        }
        return stack[0]
      }
      try step(opcode)
    }
  }

  private mutating func step(_ opcode: PickleOpcode) throws(PickleFault) {
    if let value = try plainValue(opcode) {
      stack.append(value)
      return
    }
    switch opcode {
    case .frame, .proto: try skip(opcode)
    case .mark: marks.append(stack.count)
    case .pop: _ = try pop()
    case .popMark: _ = try takeToMark()
    case .tuple1: push(.tuple(try take(1)))
    case .tuple2: push(.tuple(try take(2)))
    case .tuple3: push(.tuple(try take(3)))
    case .tuple: push(.tuple(try takeToMark()))
    case .emptyTuple: push(.tuple([]))
    case .emptyList: push(.list([]))
    case .emptyDict: push(.dictionary([]))
    case .append: try append(try take(1))
    case .appends, .addItems: try append(try takeToMark())
    case .setItem: try setItems(try take(2))
    case .setItems: try setItems(try takeToMark())
    case .binPut: memo[try number(1)] = try top()
    case .longBinPut: memo[try number(4)] = try top()
    case .memoize: memo[memo.count] = try top()
    case .build: try build()
    default: preconditionFailure("\(opcode) has a value")
    }
  }

  /// Returns the value that an opcode pushes, or `nil` if it does something else.
  private mutating func plainValue(_ opcode: PickleOpcode) throws(PickleFault) -> PickleValue? {
    switch opcode {
    case .none: PickleValue.none
    case .newTrue: .bool(true)
    case .newFalse: .bool(false)
    case .binInt: .int(Int(Int32(truncatingIfNeeded: try number(4))))
    case .binInt1: .int(try number(1))
    case .binInt2: .int(try number(2))
    case .long1: try long(try number(1))
    case .long4: try long(try number(4))
    case .binFloat: .float(try bigEndianDouble())
    case .shortBinUnicode: .text(try text(try number(1)))
    case .binUnicode: .text(try text(try number(4)))
    case .binUnicode8: .text(try text(try number(8)))
    case .shortBinString: try byteString(try number(1))
    case .binString: try byteString(try number(4))
    case .shortBinBytes: try bytes(try number(1))
    case .binBytes: try bytes(try number(4))
    case .binBytes8, .byteArray8: try bytes(try number(8))
    case .emptySet: .object(.other)
    case .frozenSet: try frozenSet()
    case .dup: try top()
    case .binGet: try recall(try number(1))
    case .longBinGet: try recall(try number(4))
    case .global: try global(module: try line(), name: try line())
    case .stackGlobal: try stackGlobal()
    case .binPersId: .storage(try storage(try pop()))
    case .reduce, .newObject: try reduce()
    case .newObjectEx: try newObjectEx()
    default: nil
    }
  }
}
