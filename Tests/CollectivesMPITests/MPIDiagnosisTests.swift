import CollectivesMPI
import Testing

@Suite("What mpirun prints when a process is lost")
struct MPIDiagnosisTests {
  @Test(
    "becomes one sentence",
    arguments: [
      (
        [
          "mpirun noticed that process rank 1 with PID 71 on node b.lab.example exited on signal 9 (Killed)."
        ],
        "process 1 (b.lab.example, pid 71) was ended by signal 9"
      ),
      (
        [
          "mpirun noticed that process rank 12 with PID 0 on node b exited on signal 11 (Segmentation fault)."
        ],
        "process 12 (b) was ended by signal 11"
      ),
      (
        [
          "process 3 (node-b, pid 5) has given no sign for 8 s; all processes end",
          "mpirun noticed that process rank 0 with PID 7 on node a exited on signal 15 (Terminated).",
        ],
        "process 3 (node-b, pid 5) has given no sign for 8 s"
      ),
      (
        [
          "ORTE has lost communication with a remote daemon.",
          "  HNP daemon   : [[1,0],0] on node a",
          "  Remote daemon: [[1,0],2] on node c",
        ],
        "host c does not answer any more"
      ),
      (["step 5  loss 9.1", "Remote daemon: [[1,0],2] on node c", "process rank 1"], nil),
    ] as [([String], String?)])
  func sentence(_ lines: [String], _ reason: String?) {
    var diagnosis = MPIDiagnosis()
    for line in lines { diagnosis.read(line) }
    #expect(diagnosis.reason == reason)
  }
}
