import Run
import Support
import Testing

@Suite struct FormatTests {
  @Test(
    "numbers show about four digits and no long exponents",
    arguments: [
      (0, "0"), (1.234e-4, "1.23e-4"), (0.0412, "0.0412"), (0.001, "1.00e-3"), (0.99612, "0.9961"),
      (10.234, "10.23"),
      (-0.5, "-0.5000"), (1234.5, "1234"), (12_345, "12.3k"), (21_600_000, "21.6M"),
      (1.5e-12, "1.50e-12"), (.nan, "-"), (.infinity, "-"),
    ] as [(Double, String)])
  func numbers(value: Double, text: String) { #expect(Format.number(value) == text) }

  @Test(
    "spans of time name their two largest units",
    arguments: [
      (0, "0 s"), (42.4, "42 s"), (185, "3 min 05 s"), (15_120, "4 h 12 min"),
      (183_600, "2 d 3 h"), (59.6, "1 min 00 s"), (-5, "0 s"), (.nan, "-"), (1e300, "-"),
    ] as [(Double, String)])
  func durations(seconds: Double, text: String) { #expect(Format.duration(seconds) == text) }

  @Test("any amount of memory can be shown")
  func amounts() {
    #expect(Format.bytesRoundedUp(.max) == "8589934592.00 GiB")
    #expect(Format.bytesRoundedUp((5 << 30) + 1) == "5.01 GiB")
    #expect(Format.bytesRoundedUp(1 << 30) == "1.00 GiB")
  }

  @Test("one is singular, everything else plural")
  func nouns() {
    #expect(Format.count(1, "image") == "1 image" && Format.count(0, "image") == "0 images")
    #expect(
      Format.count(1, "class") == "1 class" && Format.count(12_000, "class") == "12,000 classes")
    #expect(
      Format.count(2, "patch") == "2 patches" && Format.count(2, "more file") == "2 more files")
  }

  @Test("counts are grouped by thousands")
  func counts() {
    #expect(Format.count(0) == "0")
    #expect(Format.count(999) == "999")
    #expect(Format.count(1000) == "1,000")
    #expect(Format.count(-1_234_567) == "-1,234,567")
    #expect(Format.count(.min) == "-9,223,372,036,854,775,808")
  }

  @Test("decimals have as many places as are asked for, and no sign without a number")
  func decimals() {
    #expect(Format.decimals(41.2, 2) == "41.20")
    #expect(Format.decimals(0.05, 1) == "0.1")
    #expect(Format.decimals(-0.125, 2) == "-0.13")
    #expect(Format.decimals(-0.04, 1) == "0.0")
    #expect(Format.decimals(99.5, 0) == "100")
    #expect(Format.decimals(0.007, 3) == "0.007")
    #expect(Format.decimals(1e300, 2) == "1e+300" && Format.decimals(.nan, 2) == "nan")
    #expect(Format.shortDecimals(0.950, 3) == "0.95")
    #expect(Format.shortDecimals(12, 3) == "12" && Format.shortDecimals(100, 0) == "100")
    #expect(Format.shortDecimals(1e300, 3) == "1e+300")
  }

  @Test("scientific numbers have one digit before the point and two in the power")
  func scientific() {
    #expect(Format.scientific(4.416e-7, 2) == "4.42e-07")
    #expect(Format.scientific(-9.96, 1) == "-1.0e+01")
    #expect(Format.scientific(4.9e-300, 1) == "4.9e-300")
    #expect(Format.scientific(0, 6) == "0" && Format.scientific(.infinity, 1) == "inf")
  }

  @Test("significant digits are those that count")
  func significant() {
    #expect(Format.significant(0.000758_94, 4) == "0.0007589")
    #expect(Format.significant(12_345.678, 4) == "12350.0")
    #expect(Format.significant(-0.1, 4) == "-0.1" && Format.significant(0, 4) == "0")
  }

  @Test("a size of memory is never understated")
  func memory() {
    #expect(Format.bytesRoundedUp(1) == "1 MiB" && Format.bytesRoundedUp(3 << 20) == "3 MiB")
    #expect(Format.bytesRoundedUp((3 << 20) + 1) == "4 MiB")
    #expect(Format.bytesRoundedUp(1 << 30) == "1.00 GiB")
    #expect(Format.bytesRoundedUp((1 << 30) + 1) == "1.01 GiB")
  }

  @Test("values carry the unit of their metric")
  func units() {
    #expect(Format.value(0.421, .knnLearned) == "42.1 %")
    #expect(Format.value(2.373e9, .memoryResident) == "2.21 GiB")
    #expect(Format.value(3.661, .timeStep) == "3.66 s")
    #expect(Format.value(0.412, .timeData) == "412 ms")
    #expect(Format.value(136.5, .gflops) == "136.5 GFLOP/s")
  }

  @Test("ticks are as short as their distance allows")
  func ticks() {
    #expect(Format.tick(2000, step: 1000) == "2k")
    #expect(Format.tick(2500, step: 500) == "2.5k")
    #expect(Format.tick(0.25, step: 0.05) == "0.25")
    #expect(Format.tick(4e-4, step: 2e-4) == "4e-4")
    #expect(Format.tick(1e-20, step: 1) == "0")
    #expect(Format.tick(10, step: 5) == "10")
  }

  @Test("a slip of the keyboard is answered with the name that was meant")
  func nearest() {
    let names = ["start", "status", "stop", "pause", "ls"]
    #expect(nearestName(to: "pasue", among: names) == "pause")
    #expect(nearestName(to: "statu", among: names) == "status")
    #expect(nearestName(to: "zzz", among: names) == nil)
    #expect(nearestName(to: "", among: names) == nil)
    #expect(nearestName(to: "x", among: []) == nil)
    #expect(nearestName(to: "PASUE", among: names) == "pause")
    #expect(nearestName(to: "sl", among: ["ls", "up"]) == "ls")
  }

  @Test(
    "edits count insertions, deletions, replacements and swaps",
    arguments: [
      ("", "abc", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("kitten", "sitting", 3),
      ("epochs", "epoch", 1), ("ca", "abc", 3), ("naïve", "naive", 1),
    ])
  func edits(_ from: String, _ to: String, _ count: Int) {
    #expect(editDistance(from, to) == count)
    #expect(editDistance(to, from) == count)
  }

  @Test("what is too long for a name is near to none, and no time is spent on it")
  func longNames() {
    let long = String(repeating: "a", count: 70_000)
    #expect(editDistance(long, long) == 70_000)
    #expect(nearestName(to: long + "b", among: [long, "a"]) == nil)
  }
}
