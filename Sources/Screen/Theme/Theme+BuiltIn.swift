extension Theme {
  /// The default theme, built in for programs that find no theme files. Identical to
  /// `themes/dino.theme`.
  package static let builtIn: Theme = {
    let text = """
      background = #14161f
      text = #c9d1e3
      dim = #6b7489
      title = #eef1f8
      border = #313849
      accent = #7aa2f7
      key = #7dcfff
      loss_total = #f2f4fb
      loss_local = #719eff
      loss_global = #c792ea
      loss_koleo = #e0af68
      loss_ibot = #4fd6be
      good = #8fce7a
      warn = #e0af68
      bad = #f7768e
      bar = #7aa2f7
      bar_background = #2a3040
      spark = #54799f
      time_data = #e0af68
      time_teacher = #c792ea
      time_student = #719eff
      time_backward = #4fd6be
      time_optimiser = #f7768e
      schedule = #7dcfff
      marker = #4b5468
      probe_learned = #8fce7a
      probe_raw = #e0af68
      probe_untrained = #7c86a0
      selection = #2f3b5c
      selection_text = #eef1f8
      """
    do { return try Theme(name: "dino", text: text, file: "built-in theme") } catch {
      preconditionFailure("\(error)")
    }
  }()
}
