import Testing

/// All tests of the two programs, one at a time: each waits for processes, and more of them at once
/// would hold up the threads on which the tests of the parts run.
@Suite(.serialized) enum Programs {}
