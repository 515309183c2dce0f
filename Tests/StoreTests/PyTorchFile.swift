import Foundation

/// A file written by `safetensors.torch.save` with each element type, a scalar, an empty tensor, a
/// name with non-ASCII characters, and metadata.
let pyTorchFile = [UInt8](Data(base64Encoded: pyTorchFileBase64)!)

private let pyTorchFileBase64 = """
  mAIAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJub3RlIjoiYSBcInF1b3RlZFwiIGxpbmVcbmFuZCDnjKsiLCJmb3Jt
  YXQiOiJwdCJ9LCJiaWciOnsiZHR5cGUiOiJJNjQiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOlswLDhdfSwi
  bG9uZyI6eyJkdHlwZSI6Ikk2NCIsInNoYXBlIjpbMSwyXSwiZGF0YV9vZmZzZXRzIjpbOCwyNF19LCJkb3VibGUi
  OnsiZHR5cGUiOiJGNjQiLCJzaGFwZSI6W10sImRhdGFfb2Zmc2V0cyI6WzI0LDMyXX0sImVtcHR5Ijp7ImR0eXBl
  IjoiRjMyIiwic2hhcGUiOlswLDRdLCJkYXRhX29mZnNldHMiOlszMiwzMl19LCJ3ZWlnaHQiOnsiZHR5cGUiOiJG
  MzIiLCJzaGFwZSI6WzIsM10sImRhdGFfb2Zmc2V0cyI6WzMyLDU2XX0sImludCI6eyJkdHlwZSI6IkkzMiIsInNo
  YXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzU2LDY0XX0sImJyYWluIjp7ImR0eXBlIjoiQkYxNiIsInNoYXBlIjpb
  NF0sImRhdGFfb2Zmc2V0cyI6WzY0LDcyXX0sImhhbGYuw6kiOnsiZHR5cGUiOiJGMTYiLCJzaGFwZSI6WzRdLCJk
  YXRhX29mZnNldHMiOls3Miw4MF19LCJieXRlIjp7ImR0eXBlIjoiVTgiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNl
  dHMiOls4MCw4Ml19LCJmbGFnIjp7ImR0eXBlIjoiQk9PTCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6Wzgy
  LDg0XX19ICAgICAgAAAAAAABAAD//////////////38AAAAAGC1EVPshCUAAAAC/AACAPgAAQEBgQqINAADwwAAA
  gH8HAAAA+P///4A/ScCWfgAAAD4AwP97AQAA/wEA
  """.filter { !$0.isWhitespace }
