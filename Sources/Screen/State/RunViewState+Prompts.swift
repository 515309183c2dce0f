import Run

/// The keys of forms and lists.
extension RunViewState {
  mutating func handle(
    _ key: Key, in prompt: inout SetPrompt, now: Double
  ) -> Effect? {
    switch prompt.handle(key) {
    case .editing:
      overlay = .set(prompt)
      foresee(prompt.change, now: now)
    case .cancelled: (overlay, expectation) = (nil, nil)
    case .confirmed(let change):
      // What the daemon has said that it would refuse stays on the screen with the reason.
      let isRefused = expectation?.change == change && expectation?.isRefused == true
      overlay = isRefused ? .set(prompt) : nil
      guard !isRefused else { return nil }
      expectation = nil
      return .send(change)
    }
    return nil
  }

  mutating func handle(_ key: Key, in prompt: inout PhasePrompt) -> Effect? {
    let outcome = prompt.handle(key)
    overlay = .phase(prompt)
    switch outcome {
    case .open: return nil
    case .preview(let change): return .preview(change)
    case .confirmed(let change):
      overlay = nil
      return .send(change)
    case .cancelled:
      overlay = nil
      return nil
    }
  }

  mutating func handle(_ key: Key, in prompt: inout DistillationPrompt) -> Effect? {
    let outcome = prompt.handle(key)
    overlay = .distil(prompt)
    switch outcome {
    case .open: return nil
    case .confirmed(let request): return .distil(request)
    case .cancelled:
      overlay = nil
      return nil
    }
  }

  mutating func handle(
    _ key: Key, in prompt: inout CommandPrompt, _ record: RunRecord?, now: Double
  ) -> Effect? {
    let outcome = prompt.handle(key)
    overlay = .command(prompt)
    switch outcome {
    case .open:
      foresee(prompt.change, now: now)
      return nil
    case .cancelled:
      (overlay, expectation) = (nil, nil)
      return nil
    case .step(let step):
      (overlay, expectation) = (nil, nil)
      go(to: step, record)
      return nil
    case .shell(let line):
      (overlay, expectation) = (nil, nil)
      commands.append(prompt.text)
      return .run(line)
    case .confirmed(let change):
      expectation = nil
      commands.append(prompt.text)
      // What cannot be taken back is asked about.
      overlay = change.isFinal ? .confirm(change) : nil
      return change.isFinal ? nil : .send(change)
    }
  }

  mutating func handle(_ key: Key, in list: inout RunList) -> Effect? {
    let isTyping = list.isTyping
    let outcome = list.handle(key, runs ?? [])
    switch outcome {
    case .open, .dino: overlay = .runs(list)
    case .show, .closed: overlay = nil
    }
    switch outcome {
    case .open: return nil
    case .dino(let words): return .dino(words)
    case .show(let place, let others): return .show(place, over: others)
    case .closed:
      if key == .interrupt && !isTyping { return .detach }
      // What was marked is laid over the run that is shown already.
      let others = list.marked.filter { $0.key != label }
      return others == overlaid ? nil : .layOver(others)
    }
  }
}
