import Crawl
import Support
import TestSupport
import Testing

@Suite("Politeness", .serialized)
struct PolitenessTests {
  @Test("never more than two requests at once reach a host, nor more than are allowed in all")
  func atOnce() throws {
    let setup = CrawlSetup(
      TinyWeb {
        $0.target == "/robots.txt"
          ? .status(404) : .init(body: picture($0.target.count), after: 0.005)
      })
    setup.add(
      (0..<40).flatMap { host in (0..<10).map { "http://h\(host).test/\($0)" } }
        + (0..<200).map { "http://big.test/\($0)" })
    var most = 0
    setup.options.connections = 16
    setup.options.reportSeconds = 0
    let progress = try setup.fetch {
      most = max(most, $0.active)
      return true
    }
    #expect(progress.outcomes == [.kept: 600] && progress.requests == 641)
    #expect(setup.web.mostAtOnce.count == 41 && setup.web.mostAtOnce.values.allSatisfy { $0 <= 2 })
    #expect(setup.web.mostAtOnce["big.test"] == 2 && most == 16)
    #expect(Set(setup.web.asked).count == 641 && setup.web.asked.count == 641)
  }

  /// The times between requests at a host.
  private func gaps(_ web: TinyWeb, _ host: String) -> [Double] {
    let times = web.log.filter { $0.host == host }.map(\.time)
    return zip(times.dropFirst(), times).map { $0 - $1 }
  }

  @Test("requests at a host begin no sooner after each other than the delay, redirects included")
  func delay() throws {
    let setup = CrawlSetup(
      TinyWeb {
        switch ($0.host, $0.target) {
        case (_, "/robots.txt"): .status(404)
        case ("b.test", _): .redirect("http://a.test/from-b-\($0.target.dropFirst())")
        case ("c.test", "/1"): .redirect("/2")
        default: .file(picture($0.target.count))
        }
      })
    setup.options.delay = 0.2
    setup.add(
      (1...3).flatMap { ["http://a.test/\($0)", "http://b.test/\($0)"] } + ["http://c.test/1"])
    #expect(try setup.fetch().outcomes == [.kept: 7])
    for (host, count) in [("a.test", 7), ("b.test", 4), ("c.test", 3)] {
      let gaps = gaps(setup.web, host)
      // The web may notice the first of two requests a little late.
      #expect(gaps.count == count - 1 && gaps.allSatisfy { $0 > 0.17 }, "\(host): \(gaps)")
    }
  }

  @Test("a host of which nothing is left is not asked sooner by a redirect of another")
  func delayAfterEnd() throws {
    let setup = CrawlSetup(
      TinyWeb {
        switch ($0.host, $0.target) {
        case (_, "/robots.txt"): .status(404)
        case ("b.test", _):
          .init(status: 302, fields: ["Location: http://a.test/2"], after: 0.4)
        default: .file(picture(1))
        }
      })
    setup.options.delay = 1
    setup.add(["http://a.test/1", "http://b.test/1"])
    #expect(try setup.fetch().outcomes == [.kept: 2])
    let gaps = gaps(setup.web, "a.test")
    #expect(gaps.count == 2 && gaps.allSatisfy { $0 > 0.95 }, "\(gaps)")
  }

  @Test("a longer delay that robots.txt asks for is kept")
  func crawlDelay() throws {
    let setup = CrawlSetup(
      TinyWeb {
        $0.target == "/robots.txt"
          ? .text("User-agent: *\nCrawl-delay: 0.5") : .file(picture($0.target.count))
      })
    setup.options.delay = 0.1
    setup.add((1...3).map { "http://a.test/\($0)" })
    #expect(try setup.fetch().outcomes == [.kept: 3])
    let gaps = gaps(setup.web, "a.test")
    #expect(gaps.count == 3 && gaps.allSatisfy { $0 > 0.47 }, "\(gaps)")
  }

  @Test("a run that is told to end does, and the next one does the rest")
  func stopped() throws {
    let setup = CrawlSetup(
      TinyWeb {
        $0.target == "/robots.txt"
          ? .status(404) : .init(body: picture($0.target.count), after: 0.01)
      })
    setup.add((0..<300).map { "http://h\($0 % 10).test/\($0)" })
    setup.options.reportSeconds = 0
    let first = try setup.fetch { $0.ended < 50 }
    #expect((50..<300).contains(first.ended) && first.waiting == 300 - first.ended)
    let second = try setup.fetch()
    #expect(second.outcomes == [.kept: 300] && second.waiting == 0 && second.secondsLeft == 0)
    // What was under way is asked for again, and nothing else is.
    let repeats = setup.web.log.filter { $0.target != "/robots.txt" && $0.before > 0 }.count
    #expect(repeats <= setup.options.connections)
  }

  @Test("progress says how many are left, how fast they end and how long the rest takes")
  func progress() throws {
    let setup = CrawlSetup(
      TinyWeb { $0.target == "/robots.txt" ? .status(404) : .file(picture($0.target.count)) })
    setup.options.delay = 0.05
    setup.add((0..<40).map { "http://a.test/\($0)" } + ["http://b.test/1"])
    var seen: [CrawlProgress] = []
    _ = try setup.fetch {
      seen.append($0)
      return true
    }
    #expect(seen.count > 5 && seen.allSatisfy { $0.waiting + $0.ended == 41 })
    let middle = try #require(seen.first { (10..<30).contains($0.ended) })
    let left = try #require(middle.secondsLeft)
    // The host with forty images takes 0.05 s for each.
    #expect(left >= Double(middle.waiting) * 0.05 && left < 60)
    #expect(middle.rate > 0 && seen.last?.bytes == 41 * 200)
  }
}
