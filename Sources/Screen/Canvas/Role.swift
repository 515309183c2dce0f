/// What a cell says, and so which of a theme's colours it takes. The raw value is the theme's key.
package enum Role: String, CaseIterable, Sendable {
  case background, text, dim, title, border, accent, key

  case lossTotal = "loss_total"
  case lossLocal = "loss_local"
  case lossGlobal = "loss_global"
  case lossKoleo = "loss_koleo"
  case lossIbot = "loss_ibot"

  case good, warn, bad

  case bar
  case barBackground = "bar_background"
  case spark

  case timeData = "time_data"
  case timeTeacher = "time_teacher"
  case timeStudent = "time_student"
  case timeBackward = "time_backward"
  case timeOptimiser = "time_optimiser"

  case schedule
  case marker

  case probeLearned = "probe_learned"
  case probeRaw = "probe_raw"
  case probeUntrained = "probe_untrained"

  case selection
  case selectionText = "selection_text"

  /// What stands in for the colour where there is none (`NO_COLOR`, a monochrome terminal).
  package var attributes: Attributes {
    switch self {
    case .title, .lossTotal, .probeLearned, .warn, .key: .bold
    case .bad: [.bold, .reverse]
    case .dim, .border, .barBackground, .marker: .dim
    default: []
    }
  }
}
