extension Subcommand {
  /// The options of commands that start a run which several processes share. `dino start` hands them to
  /// `dinod train`.
  package static let processOptions = [
    Option("--processes", "N", "share the ranks of train.world among N processes"),
    Option(
      "--hosts", "A,B:2", "start them on these hosts, this one first, so many on each (1)"),
    Option("--restarts", "K", "start again so often if a process is lost; by default 3"),
    Option("--shrink", nil, "start again without the hosts that do not answer"),
    Option("--remote-shell", "CMD", "the program that reaches a host; by default ssh"),
    Option(
      "--mixed", nil, "train although programs or processors differ, which may round differently"),
  ]
}
