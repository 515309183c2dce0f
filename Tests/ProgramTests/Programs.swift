import Testing

/// All tests of the two programs. They run one at a time, because each waits for processes, and
/// several at once would block the threads on which other tests run.
@Suite(.serialized) enum Programs {}
