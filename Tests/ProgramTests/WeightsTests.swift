import Foundation
import Store
import Testing

extension Commands {
  /// The weights of a run are exported, imported, and used to begin another run.
  @Suite final class WeightsTests {
    let home = Sandbox()

    private func dinod(_ words: String...) throws -> Program.Ending {
      let ending = try home.dinod(words).wait()
      #expect(ending.code == 0 && ending.errors.isEmpty, "\(ending)")
      return ending
    }

    /// Returns the tensors of a file as bits, by name.
    private func tensors(_ path: String) throws -> [String: [UInt32]] {
      let file = try SafetensorsFile(path: path)
      return try Dictionary(
        uniqueKeysWithValues: file.tensors.map {
          ($0.name, try file.floats($0.name).map(\.bitPattern))
        })
    }

    @Test("a run's teacher leaves in every format and comes back with the same bits")
    func thereAndBack() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=3"])
      let checkpoint = try #require(try home.checkpoints("moths").list().last)
      let teacher = try tensors(checkpoint.file("teacher.safetensors"))
      let backbone = teacher.filter { $0.key.hasPrefix("backbone.") }
      for format in ["huggingface", "timm", "dinov2", "safetensors"] {
        let there = home.path + "/" + format
        let ending = try dinod("export", "moths", "--format", format, "--to", there)
        #expect(ending.output.hasPrefix("\(there): 32 wide, 1 block, 2 heads, patch 6"))
        let back = home.path + "/\(format)-back"
        let report = try dinod("import", there, "--to", back).output
        #expect(report.contains("2 heads"), "\(format): \(report)")
        let read = try tensors(back + "/model.safetensors")
        // timm has no mask token. Dino's own format also has the heads.
        if format == "timm" {
          #expect(report.contains("missing: backbone.mask_token"))
          #expect(
            read.filter { $0.key != "backbone.mask_token" }
              == backbone.filter { $0.key != "backbone.mask_token" })
        } else {
          #expect(read == (format == "safetensors" ? teacher : backbone), "\(format)")
        }
      }
    }

    @Test("a model card tells the recipe, how much was seen, the curves and the probe")
    func modelCard() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=3"])
      let there = home.path + "/export"
      _ = try dinod(
        "export", "moths", "--format", "huggingface", "--to", there, "--which", "student")
      let card = try String(contentsOfFile: there + "/README.md", encoding: .utf8)
      for text in [
        "library_name: transformers", "AutoModel.from_pretrained(\"export\")", "| steps | 120 |",
        "| images seen | 480 |", "| data | embedded, 1,000 images |", "](curves.svg)",
        "k-NN accuracy at step 120: 20 held-out images of", "base_lr: 0.001",
        "| network | student |",
      ] {
        #expect(card.contains(text), "\(text)")
      }
      #expect(!card.contains(home.path))
      // Every version of transformers has a float here, while the recipe has 1.
      let config = try String(contentsOfFile: there + "/config.json", encoding: .utf8)
      #expect(config.contains("\n  \"layerscale_value\" : 1.0,\n"), "\(config)")
      let curves = try String(contentsOfFile: there + "/curves.svg", encoding: .utf8)
      #expect(curves.hasPrefix("<svg") && curves.hasSuffix("</svg>\n"))
      #expect(curves.components(separatedBy: "<polyline").count >= 7)
      let checkpoint = try #require(try home.checkpoints("moths").list().last)
      let student = try tensors(checkpoint.file("student.safetensors"))
      let export = try tensors(there + "/model.safetensors")
      #expect(student["backbone.norm.bias"] == export["layernorm.bias"])
    }

    @Test("a run begins with another's weights, and says what it took and what it did not")
    func pretrained() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=1"])
      let old = try tensors(
        try #require(try home.checkpoints("moths").list().last).file("teacher.safetensors"))
      // With this recipe no step changes the parameters, so the run ends with its initial weights.
      try home.trainToTheEnd(
        "wasps",
        [
          "student.pretrained_weights=moths", "optim.epochs=1", "optim.base_lr=1e-30",
          "optim.min_lr=0", "dino.head_n_prototypes=32",
        ])
      let new = try tensors(
        try #require(try home.checkpoints("wasps").list().last).file("student.safetensors"))
      for (name, value) in old where name.hasPrefix("backbone.") || name.hasPrefix("ibot_head.") {
        #expect(new[name] == value, "\(name)")
      }
      #expect(new["dino_head.mlp.0.weight"] != old["dino_head.mlp.0.weight"])
      let events = try home.events("wasps").filter { $0.kind == "weights" }
      #expect(events.first?.text.contains("checkpoints/000000040, with ibot_head") == true)
      #expect(
        events.contains {
          $0.level == .warning && $0.text.contains("dino_head starts from random weights")
        })
      // The weights are needed only at the beginning.
      try FileManager.default.removeItem(atPath: home.run("moths").path)
      try home.trainToTheEnd(
        "wasps",
        [
          "student.pretrained_weights=moths", "optim.epochs=1", "optim.base_lr=1e-30",
          "optim.min_lr=0", "dino.head_n_prototypes=32",
        ])
    }

    @Test(
      "the licence of the weights that a run began with is in its card, and in those of its branches and heirs"
    )
    func licence() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=1"])
      let released = home.path + "/released"
      _ = try dinod("export", "moths", "--format", "safetensors", "--to", released)
      let card = "---\nlicense: cc-by-nc-4.0\n---\n"
      try card.write(toFile: released + "/README.md", atomically: true, encoding: .utf8)
      for (name, weights) in [("wasps", released), ("hornets", "wasps")] {
        try home.trainToTheEnd(
          name,
          [
            "optim.epochs=2", "session.checkpoint_every=40", "session.checkpoint_keep=9",
            "student.pretrained_weights=\(weights)",
          ])
      }
      let branch = try home.dino("branch", "wasps", "--at", "40", "--name", "twig")
      #expect(branch.code == 0, "\(branch)")
      try eventually("the branch ends") { home.holder(of: "twig") == nil }
      for gone in [released, home.run("wasps").path] {
        try FileManager.default.removeItem(atPath: gone)
      }
      for name in ["hornets", "twig"] {
        _ = try dinod("export", name, "--format", "safetensors", "--to", "\(home.path)/of-\(name)")
        let card = try String(
          contentsOfFile: "\(home.path)/of-\(name)/README.md", encoding: .utf8)
        #expect(card.hasPrefix("---\nlicense: cc-by-nc-4.0\n"), "\(card.prefix(100))")
        #expect(card.contains("Training began with released, whose licence is cc-by-nc-4.0"))
      }
      _ = try dinod("export", "moths", "--format", "dinov2", "--to", home.path + "/own")
      let own = try String(contentsOfFile: home.path + "/own/README.md", encoding: .utf8)
      #expect(!own.contains("Licence"))
    }

    @Test("blocks are grouped in the official code's names where the recipe groups them")
    func chunks() throws {
      try home.trainToTheEnd(
        "moths", ["optim.epochs=1", "student.depth=4", "student.block_chunks=2"])
      let there = home.path + "/dinov2"
      _ = try dinod("export", "moths", "--format", "dinov2", "--to", there)
      let file = try Data(contentsOf: URL(fileURLWithPath: there + "/model.pth"))
      for name in ["blocks.0.1.norm1.weight", "blocks.1.2.norm1.weight"] {
        #expect(file.range(of: Data(name.utf8)) != nil, "\(name)")
      }
      #expect(file.range(of: Data("blocks.2.".utf8)) == nil)
    }

    @Test("positions are resized to the recipe's grid")
    func resized() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=1"])
      try home.trainToTheEnd(
        "wasps",
        ["student.pretrained_weights=moths", "optim.epochs=1", "crops.global_crops_size=36"])
      let texts = try home.events("wasps").filter { $0.kind == "weights" }.map(\.text)
      #expect(texts.contains("positions resized from 4 x 4 to 6 x 6"), "\(texts)")
    }

    @Test(
      "weights that do not fit, or are not there, end a run before it leaves a trace",
      arguments: [
        ("student.pretrained_weights=nowhere", "nowhere: is neither a file, a folder nor a run's"),
        ("student.pretrained_weights=HOME/empty.pth", "empty.pth: is empty"),
        (
          "student.pretrained_weights=HOME/ants.safetensors",
          "tensor \"norm.bias\" has shape [16], not [32]"
        ),
      ])
    func refused(setting: String, says: String) throws {
      try home.write("", to: "empty.pth")
      try SafetensorsWriter.write(
        [
          .floats("cls_token", [1, 1, 32], [Float](repeating: 0, count: 32)),
          .floats("norm.bias", [16], [Float](repeating: 0, count: 16)),
        ], to: home.path + "/ants.safetensors")
      let ending = try home.train("wasps", [setting.replacing("HOME", with: home.path)]).wait()
      #expect(ending.code == 1 && ending.errorLines.count == 1 && ending.errors.contains(says))
      #expect(!FileManager.default.fileExists(atPath: home.run("wasps").path))
    }

    @Test("a header that announces 200 MB takes none of them")
    func boundedMemory() throws {
      let limited = try home.write("ulimit -v 320000\nexec \"$@\"\n", to: "limited.sh")
      let bad = home.path + "/bad.safetensors"
      try Data([0x00, 0xC2, 0xEB, 0x0B, 0, 0, 0, 0, 0x7B]).write(to: URL(fileURLWithPath: bad))
      let words = [Sandbox.programs + "/dinod", "import", bad, "--to", home.path + "/out"]
      let ending = try home.start(["/bin/bash", limited] + words).wait()
      #expect(ending.code == 1 && ending.errorLines.count == 1, "\(ending)")
      #expect(ending.errors.contains("announces a header of 200000000 bytes"))
      #expect(!FileManager.default.fileExists(atPath: home.path + "/out"))
    }

    @Test(
      "export and import say in one line what they lack",
      arguments: [
        (
          ["export", "moths", "--to", "x"],
          "export needs --format F: huggingface, timm, dinov2, safetensors or onnx"
        ),
        (
          ["export", "moths", "--format", "keras", "--to", "x"],
          "--format takes huggingface, timm, dinov2, safetensors or onnx, not 'keras'"
        ),
        (
          ["export", "moths", "--format", "timm"],
          "export needs --to DIR: a new folder"
        ),
        (
          ["import", "x.pth", "--to", "x", "--which", "both"],
          "--which takes teacher, student or average, not 'both'"
        ),
      ])
    func misunderstood(words: [String], hint: String) throws {
      let ending = try home.dinod(words).wait()
      #expect(ending.code == 2 && ending.errorLines.count == 1 && ending.errors.contains(hint))
    }
  }
}
