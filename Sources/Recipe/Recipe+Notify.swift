import Settings

extension Recipe {
  /// The group `guard`, Dino's addition: what is done at an alarm, besides a line in the log.
  package struct Guard: Sendable, Equatable {
    /// Alarms at which the run goes back to the last good checkpoint, with a lower learning rate.
    package var rewind = ["divergence", "not_finite"]
    /// The factor by which the learning rate is lowered then.
    package var rewindLr = 0.5
    /// How often the run goes back in a phase, before it pauses instead.
    package var rewindLimit = 3
    /// Alarms at which the run pauses.
    package var pause: [String] = []
    /// Alarms at which the run ends.
    package var stop: [String] = []
    /// The number of steps before which nothing is done, since every run begins with some alarms. Those that
    /// last until then are acted on then.
    /// Numbers that are not finite and gradients without bound are none of those.
    package var after = 500

    /// The alarms that a run can have, in the order of `Alarm`.
    package static let alarms = [
      "uniform_targets", "constant_features", "unused_prototypes", "copied_prototypes",
      "batch_twins", "divergence", "spike", "not_finite", "no_learning", "forgetting", "data_wait",
      "memory", "disk", "slow_rank",
    ]
  }

  /// The group `notify`, Dino's addition: who is told what about the run.
  package struct Notify: Sendable, Equatable {
    /// The names of destinations in the user's file `notify`; empty to tell nobody.
    package var to: [String] = []
    /// What is told; empty for everything.
    package var on: [String] = []
    /// The least number of seconds between two notices of the same kind.
    package var interval = 600

    /// What may be told of a run.
    package static let events = ["alarm", "paused", "finished", "failed", "silent"]

    /// Returns whether something is told, in the words of `events`.
    package func tells(_ event: String) -> Bool { on.isEmpty || on.contains(event) }

    /// Returns whether an alarm is told, by its name: all are that are errors, and those that are named.
    package func tells(alarm: String, isError: Bool) -> Bool {
      isError && tells("alarm") || on.contains(alarm)
    }
  }
}

extension RecipeKeys {
  static let notify: [RecipeKey] = [
    .words(
      "guard.rewind", \.guard.rewind, of: Recipe.Guard.alarms,
      "alarms at which it goes back to the last good checkpoint"),
    .float(
      "guard.rewind_lr", \.guard.rewindLr, .from(0, to: 1), "factor on the learning rate then"),
    .int(
      "guard.rewind_limit", \.guard.rewindLimit, .from(0, to: 1000),
      "how often in a phase, before it pauses instead"),
    .words(
      "guard.pause", \.guard.pause, of: Recipe.Guard.alarms, "alarms at which the run pauses"),
    .words("guard.stop", \.guard.stop, of: Recipe.Guard.alarms, "alarms at which the run ends"),
    .int(
      "guard.after", \.guard.after, .from(0, to: 1_000_000_000),
      "steps before which an alarm is only logged"),
    .texts("notify.to", \.notify.to, "who is told: names of lines in ~/.config/dino/notify"),
    .words(
      "notify.on", \.notify.on, of: Recipe.Notify.events + Recipe.Guard.alarms,
      "what is told: events, and alarms that are no errors; empty: all events"),
    .int(
      "notify.interval", \.notify.interval, .from(0, to: 1_000_000),
      "least seconds between two notices of the same kind"),
  ]
}
