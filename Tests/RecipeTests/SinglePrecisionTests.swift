import Settings
import Recipe
import Testing

@Suite("Numbers that single precision cannot hold")
struct SinglePrecisionTests {
  @Test(
    "are refused with their key",
    arguments: [
      "optim.adamw_beta1=0.99999999999", "optim.adamw_beta2=0.99999999999",
      "optim.base_lr=1e-60", "optim.weight_decay=1e300", "teacher.teacher_temp=1e-50",
      "data.brightness=1e300",
    ])
  func refused(_ change: String) throws {
    let key = String(change.prefix { $0 != "=" })
    let error = #expect(throws: SettingError.self) { try Recipe().applying([change]) }
    #expect(error?.description.contains(key) == true)
  }

  @Test("their neighbours are not")
  func allowed() throws {
    _ = try Recipe().applying(["optim.adamw_beta2=0.9999", "optim.base_lr=1.0e-9"])
  }
}
