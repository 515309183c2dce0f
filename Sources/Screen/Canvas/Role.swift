/// The meaning of a cell, which a theme maps to a colour. The raw value is the key in theme files.
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

  /// The attributes that replace the colour on terminals without colours (`NO_COLOR`, monochrome).
  package var attributes: Attributes {
    switch self {
    case .title, .lossTotal, .probeLearned, .warn, .key: .bold
    case .bad: [.bold, .reverse]
    case .dim, .border, .barBackground, .marker: .dim
    default: []
    }
  }
}
