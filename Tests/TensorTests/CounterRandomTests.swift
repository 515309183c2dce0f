import Tensor
import Testing

@Suite("Random numbers")
struct CounterRandomTests {
  /// The answers that the authors of Philox publish with it (Random123, `kat_vectors`).
  @Test("Philox 4×32-10 gives its published answers")
  func knownAnswers() {
    let most = UInt32.max
    let cases: [([UInt32], [UInt32], [UInt32])] = [
      ([0, 0, 0, 0], [0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
      (
        [most, most, most, most], [most, most],
        [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
      ),
      (
        [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0],
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
      ),
    ]
    for (c, k, expected) in cases {
      let block = CounterRandom.philox((c[0], c[1], c[2], c[3]), key: (k[0], k[1]))
      #expect([block.0, block.1, block.2, block.3] == expected)
    }
  }

  @Test("a key's numbers are its own, and the same whenever they are asked for")
  func keys() {
    func numbers(_ seed: UInt64, _ use: CounterRandom.Use, _ a: Int, _ b: Int, _ c: Int) -> [UInt32]
    {
      var random = CounterRandom(seed: seed, use: use, a, b, c)
      return (0..<9).map { _ in random.next32() }
    }
    let streams = [
      numbers(1, .crop, 2, 3, 4), numbers(2, .crop, 2, 3, 4), numbers(1, .mask, 2, 3, 4),
      numbers(1, .crop, 3, 3, 4), numbers(1, .crop, 2, 4, 4), numbers(1, .crop, 2, 3, 5),
    ]
    #expect(Set(streams).count == streams.count)
    #expect(Set(streams.joined()).count == 9 * streams.count)
    #expect(numbers(1, .crop, 2, 3, 4) == streams[0])
  }
}
