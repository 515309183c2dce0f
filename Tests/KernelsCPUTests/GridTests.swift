import Kernels
import Tensor
import Testing

@Suite("Resized grids of patches")
struct GridTests {
  /// What PyTorch's `interpolate(mode="bilinear", antialias=True)` makes of the squares of 0 to 11 in three rows of
  /// four.
  static let recorded: [(GridSize, [Float])] = [
    (
      GridSize(rows: 2, columns: 6),
      [6, 8, 11, 15, 20, 24, 46, 53, 62.66667, 73.33334, 85, 94]
    ),
    (
      GridSize(rows: 5, columns: 3),
      [
        0.3, 2.5, 7.5, 7.66, 13.7, 22.54, 18.7, 30.5, 45.1, 48.94, 66.5, 86.86, 69.1, 90.5, 114.7,
      ]
    ),
    (GridSize(rows: 1, columns: 1), [40.47619]),
  ]

  @Test("are PyTorch's, shorter and longer, for each map and channel", arguments: recorded)
  func resized(to: GridSize, expected: [Float]) {
    let w = Workspace()
    let (maps, width, from) = (3, 19, GridSize(rows: 3, columns: 4))
    // Each map and channel has a factor of its own.
    func factor(_ map: Int, _ channel: Int) -> Float { Float(1 + map) - 0.25 * Float(channel) }
    func all(_ values: [Float]) -> [Float] {
      var all: [Float] = []
      for map in 0..<maps {
        for value in values {
          for channel in 0..<width { all.append(value * factor(map, channel)) }
        }
      }
      return all
    }
    let x = w.buffer(all((0..<12).map { Float($0 * $0) })).matrix(maps * 12, width)
    let y = w.unset(maps * to.patches, width)
    w.kernels.resizeGrids(x, from: from, into: y, to: to)
    let found = w.values(y)
    let farthest = zip(found, all(expected)).map { abs($0 - $1) }.max()
    #expect(found.count == maps * width * expected.count && farthest! < 2e-3)
  }

  @Test("of the same size are the same bits, and maps of one number keep it")
  func same() {
    let w = Workspace()
    let (x, y) = (w.random(2 * 15, 7), w.unset(2 * 15, 7))
    let grid = GridSize(rows: 5, columns: 3)
    w.kernels.resizeGrids(x, from: grid, into: y, to: grid)
    #expect(w.values(x) == w.values(y))
    let (flat, resized) = (w.buffer(15 * 7, filled: 3).matrix(15, 7), w.unset(8 * 2, 7))
    w.kernels.resizeGrids(flat, from: grid, into: resized, to: GridSize(rows: 8, columns: 2))
    #expect(w.values(resized).allSatisfy { abs($0 - 3) < 1e-6 })
  }

  @Test("have the same bits for any number of threads")
  func threads() {
    let found = [1, 3].map { threads in
      let w = Workspace(threads: threads)
      let (x, y) = (w.random(4 * 196, 48), w.unset(4 * 256, 48))
      w.kernels.resizeGrids(
        x, from: GridSize(rows: 14, columns: 14), into: y, to: GridSize(rows: 16, columns: 16))
      return w.values(y)
    }
    let isSame = found[0] == found[1]
    #expect(isSame)
  }
}
