import Support
import Tensor

/// What a plan has to know of the device that a backend computes on; known without a backend, so that
/// memory may be planned before any of it is reserved.
package protocol Device: Sendable {
  /// Elements at whose multiples an arena's buffers begin.
  var arenaAlignment: Int { get }

  /// What activations that products alone read are kept in: bfloat16 where products round their
  /// factors to it anyway, so that nothing is lost.
  var activationElement: Element { get }

  /// What may still be taken of the memory that the arena would lie in, at the moment of the call; nil
  /// where the system does not say.
  var availableMemory: MachineMemory? { get }
}

extension ArenaPlan {
  /// An empty plan for a device's memory.
  package convenience init(for device: any Device) {
    self.init(alignment: device.arenaAlignment)
  }
}
