import Glibc

// FaultDriver PARENT FIRST: two daemons in miniature, one after the other, on the run `run` in the
// folder PARENT. The first one takes three steps, which are enough for a checkpoint. The second one
// resumes, takes more steps, and goes back to an earlier checkpoint once. FIRST is the number of
// the first daemon; ids of changes begin with it, so that another call can continue with others.

guard CommandLine.arguments.count == 3, let first = Int(CommandLine.arguments[2]) else {
  say("usage: FaultDriver PARENT FIRST")
  exit(1)
}
FrequentMerging.begin()
var isWell = true
for (number, steps) in [(first, 3), (first + 1, 14)] {
  do {
    let daemon = try SmallDaemon(parent: CommandLine.arguments[1], number: number)
    try daemon.run(steps: steps)
  } catch {
    // A daemon that cannot start or cannot go back says why and ends. The next one is started.
    say("ended \(error)")
    isWell = false
  }
}
exit(isWell ? 0 : 2)
