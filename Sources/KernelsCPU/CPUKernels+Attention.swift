import Kernels
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

extension CPUKernels {
  package func attention(
    _ qkv: Matrix, sequences: [SequenceGroup], heads: Int, logSumExp: Buffer, into out: Matrix
  ) {
    check(qkv, sequences, heads, logSumExp, out)
    let tokens = AttentionTokens(
      width: out.columns, heads: heads, qkv: factor(qkv), out: elements(out),
      logSumExp: pointer(logSumExp), precision: precision)
    forEachHead(.forward, sequences, tokens, operations: 4) { head, workspace in
      head.forward(workspace)
    }
  }

  package func attentionBackward(
    _ dOut: Matrix, qkv: Matrix, out: Matrix, sequences: [SequenceGroup], heads: Int,
    logSumExp: Buffer, dQKV: Matrix
  ) {
    check(qkv, sequences, heads, logSumExp, out)
    precondition(dOut.rows == out.rows && dOut.columns == out.columns)
    precondition(dQKV.rows == qkv.rows && dQKV.columns == qkv.columns)
    let tokens = AttentionTokens(
      width: out.columns, heads: heads, qkv: factor(qkv), out: elements(out),
      logSumExp: pointer(logSumExp), precision: precision)
    let (dOut, dQKV) = (pointer(dOut), pointer(dQKV))
    forEachHead(.backward, sequences, tokens, operations: 10) { head, workspace in
      head.backward(workspace, dOut: dOut, dQKV: dQKV)
    }
  }

  private func check(
    _ qkv: Matrix, _ sequences: [SequenceGroup], _ heads: Int, _ logSumExp: Buffer, _ out: Matrix
  ) {
    precondition(qkv.columns == 3 * out.columns && out.columns % heads == 0)
    precondition(qkv.rows == out.rows && sequences.reduce(0) { $0 + $1.tokens } == out.rows)
    precondition(logSumExp.count >= out.rows * heads)
    precondition(qkv.element == .fp32 || out.columns / heads % 2 == 0)
  }

  /// Calls `body` for each head of each sequence, on the pool's threads. Heads of short sequences
  /// share a chunk.
  private func forEachHead(
    _ pass: AttentionPass, _ sequences: [SequenceGroup], _ tokens: AttentionTokens,
    operations: Double, _ body: (AttentionHead, _ workspace: Pointer) -> Void
  ) {
    var first = 0
    for group in sequences where group.tokens > 0 {
      reserveWorkspace(
        AttentionWorkspace(
          pass, length: group.length, width: tokens.headWidth, precision: tokens.precision
        ).all)
      let square = Double(group.length) * Double(group.length) * Double(tokens.width)
      floatingPointOperations += operations * Double(group.count) * square
      let cost = group.length * padded(group.length)
      parallelWithWorker(group.count * tokens.heads, cost: cost) { range, worker in
        for index in range {
          let token = first + index / tokens.heads * group.length
          body(
            AttentionHead(
              pass, tokens, length: group.length, token: token, head: index % tokens.heads),
            workspaces[worker])
        }
      }
      first += group.tokens
    }
  }
}
