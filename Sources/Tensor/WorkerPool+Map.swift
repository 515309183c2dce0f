extension WorkerPool {
  /// Returns what `body` computes of each number below `count`, in order. It is called on any thread;
  /// otherwise as `run`.
  package func map<Result>(_ count: Int, _ body: (_ number: Int) -> Result) -> [Result] {
    [Result](unsafeUninitializedCapacity: count) { results, initialised in
      guard let start = results.baseAddress else { return }
      run(chunks: count) { number, _ in (start + number).initialize(to: body(number)) }
      initialised = count
    }
  }
}
