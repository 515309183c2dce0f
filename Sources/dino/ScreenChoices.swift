import FoundationEssentials
import Screen
import Support

/// What a person chose on the dashboard, which is there again the next time: a file of this user's state.
struct ScreenChoices: Codable {
  /// The theme that `t` chose; `nil` for the usual one.
  var theme: String?
  private var isSplit: Bool?
  private var isExpanded: Bool?
  private var isLog: Bool?
  private var smoothing: Double?
  private var pictures: String?
  private var panel: String?
  private var window: Int?

  private static var file: String { StateFolder.path("screen.json") }

  /// Reads the choices. Without a file, or with one that cannot be understood, nothing was chosen.
  static func read() -> ScreenChoices {
    guard let bytes = try? WholeFile.read(file, limit: 1 << 16),
      let found = try? JSONDecoder().decode(ScreenChoices.self, from: Data(bytes))
    else { return ScreenChoices() }
    return found
  }

  private init() {}

  /// Takes what a dashboard showed last. `theme` is the one that was chosen meanwhile.
  init(_ state: RunViewState, theme: String?) {
    self.theme = theme ?? Self.read().theme
    (isSplit, isExpanded, isLog) = (state.isSplit, state.isExpanded, state.scale == .log)
    (smoothing, pictures) = (state.smoothing, state.pictures.rawValue)
    (panel, window) = (state.panel.title, state.window)
  }

  /// The state of a dashboard that begins with them.
  var state: RunViewState {
    var state = RunViewState()
    state.isSplit = isSplit ?? false
    state.isExpanded = isExpanded ?? false
    state.scale = isLog == true ? .log : .linear
    state.smoothing = [0, 0.9, 0.99].contains(smoothing ?? 0) ? smoothing ?? 0 : 0
    // A curation has panels of its own; the run's first is shown then.
    state.panel = Panel.training.first { $0.title == panel } ?? .losses
    state.window = window.flatMap { $0 >= 20 ? $0 : nil }
    state.pictures = pictures.flatMap(PictureView.init) ?? .components
    return state
  }

  /// Writes the choices. That they cannot be written is no reason to bother anybody.
  func write() {
    guard let data = try? JSONEncoder().encode(self) else { return }
    try? FileSystem.makeFolder(FilePath.parent(of: Self.file))
    try? WholeFile.write(String(decoding: data, as: UTF8.self), to: Self.file)
  }
}
