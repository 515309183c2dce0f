import Support
import Tensor

/// A reason for which a command cannot do its work, mostly why a run cannot begin or resume.
enum RunError: Error, CustomStringConvertible {
  case unknown(name: String, path: String)
  case anotherRecipe(name: String, keys: [String])
  /// A branch that changes keys which decide what tensors a state has.
  case anotherState(name: String, keys: [String])
  case machine(String)
  case file(String)
  /// A number of processes that cannot share the ranks of a run.
  case processes(Int, world: Int)

  var description: String {
    switch self {
    case .unknown(let name, let path):
      "there is no run '\(name)' in \(path); 'dino ls' lists runs"
    case .anotherRecipe(let name, let keys):
      "run '\(name)' was started with other values of \(keys.prefix(4).joined(separator: ", "))"
        + (keys.count > 4 ? " and \(keys.count - 4) more" : "")
        + "; give --name for a new run, or resume it unchanged: dino start \(name)"
    case .anotherState(let name, let keys):
      "\(keys.joined(separator: ", ")): must be as in '\(name)', whose state the branch continues"
    case .processes(let count, let world):
      "train.world: \(Format.count(world, "rank")) can be shared by "
        + Ranks.processes(for: world).map(String.init).joined(separator: ", ")
        + " processes, not by \(count); start another number, or a new run with --set train.world=\(count)"
    case .machine(let problem): problem
    case .file(let problem): problem
    }
  }
}
