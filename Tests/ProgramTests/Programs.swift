import Testing

/// Tests of the two programs whose runs are steered, killed and resumed.
///
/// Of these and of `Commands` one test runs at a time, because each waits for processes: more would
/// block the threads on which other tests run.
@Suite(.serialized) enum Programs {}

/// Tests of the two programs that mostly work alone: on recipes, images, weights and features.
@Suite(.serialized) enum Commands {}
