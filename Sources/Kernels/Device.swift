import Support
import Tensor

/// The properties of the device that a backend computes on which decide how memory is planned.
///
/// They are known without an instance of the backend, so that a run can be planned before it holds any
/// memory.
package protocol Device: Sendable {
  /// Buffers of an arena begin at multiples of so many elements.
  var arenaAlignment: Int { get }

  /// The element type of activations that only matrix products read: bfloat16 where products round
  /// their factors to it anyway, so that nothing is lost.
  var activationElement: Element { get }

  /// How much more of the device's memory may be taken at the moment of the call; nil if the system
  /// does not tell.
  var availableMemory: MachineMemory? { get }
}

extension ArenaPlan {
  /// An empty plan for a device's memory.
  package convenience init(for device: any Device) {
    self.init(alignment: device.arenaAlignment)
  }
}
