/// The Python names that are understood. A pickle that uses any other is refused.
enum PickleGlobal: Sendable {
  case dictionary, size, rebuildParameter, rebuildFromType
  /// The functions that make a tensor of a storage, an offset, a shape and strides. Since the third
  /// version they are given the type of the elements too.
  case rebuildTensor, rebuildTensorV3
  case element(PickleElement)
  /// The class of a storage. It has the same elements, but stands in another place.
  case storage(PickleElement)
  /// A class or function whose results are passed over. It is not called.
  case passedOver(PickleObject)

  /// Looks a name up. Returns `nil` if it is not understood.
  init?(module: String, name: String) {
    let module = Self.renamed[module] ?? module
    if let global = Self.functions[module + "." + name] {
      self = global
    } else if module == "torch", let element = PickleElement.named(name) {
      self = .element(element)
    } else if module == "torch" || module == "torch.storage" || module == "torch.cuda",
      let element = PickleElement.ofStorage(name)
    {
      self = .storage(element)
    } else if Self.harmless[module]?.contains(name) == true
      || Self.harmlessModules.contains(where: { module == $0 || module.hasPrefix($0 + ".") })
    {
      self = .passedOver(.other)
    } else {
      return nil
    }
  }

  /// What Python 2, and protocol 2 for its sake, call modules.
  private static let renamed = ["__builtin__": "builtins", "copy_reg": "copyreg"]

  /// Source: `torch._weights_only_unpickler._get_allowed_globals`. To these are added arrays of
  /// NumPy, and the dictionaries of Lightning's hyperparameters.
  private static let functions: [String: PickleGlobal] = [
    "collections.OrderedDict": .dictionary, "collections.defaultdict": .dictionary,
    "collections.Counter": .dictionary, "builtins.dict": .dictionary,
    "lightning_fabric.utilities.data.AttributeDict": .dictionary,
    "lightning.fabric.utilities.data.AttributeDict": .dictionary,
    "pytorch_lightning.utilities.parsing.AttributeDict": .dictionary,
    "torch.Size": .size,
    "torch._utils._rebuild_tensor": .rebuildTensor,
    "torch._utils._rebuild_tensor_v2": .rebuildTensor,
    "torch._utils._rebuild_tensor_v3": .rebuildTensorV3,
    "torch._utils._rebuild_parameter": .rebuildParameter,
    "torch._utils._rebuild_parameter_with_state": .rebuildParameter,
    "torch.nn.parameter.Parameter": .rebuildParameter,
    "torch._tensor._rebuild_from_type_v2": .rebuildFromType,
    "torch._utils._rebuild_qtensor": .passedOver(.quantised),
    "torch._utils._rebuild_sparse_tensor": .passedOver(.sparse),
    "torch._utils._rebuild_nested_tensor": .passedOver(.nested),
    "torch._utils._rebuild_meta_tensor_no_storage": .passedOver(.meta),
    "torch._utils._rebuild_wrapper_subclass": .passedOver(.wrapped),
    "torch._utils._rebuild_device_tensor_from_numpy": .passedOver(.wrapped),
    "torch._utils._rebuild_device_tensor_from_cpu_tensor": .passedOver(.wrapped),
    "numpy.core.multiarray._reconstruct": .passedOver(.array),
    "numpy._core.multiarray._reconstruct": .passedOver(.array),
  ]

  /// Classes of plain data that training programs put beside weights.
  private static let harmless: [String: Set<String>] = [
    "builtins": [
      "set", "frozenset", "bytearray", "bytes", "complex", "slice", "range", "int", "float", "str",
      "bool", "list", "tuple", "object",
    ],
    "_codecs": ["encode"],
    "collections": ["deque"],
    "argparse": ["Namespace"],
    "types": ["SimpleNamespace"],
    "decimal": ["Decimal"],
    "fractions": ["Fraction"],
    "uuid": ["UUID"],
    "typing": ["Any"],
    "datetime": ["datetime", "date", "time", "timedelta", "timezone"],
    "pathlib": [
      "Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath",
    ],
    "pathlib._local": ["Path", "PosixPath", "WindowsPath"],
    "numpy": [
      "ndarray", "dtype", "bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
      "uint64", "float16", "float32", "float64",
    ],
    "numpy.core.multiarray": ["scalar"],
    "numpy._core.multiarray": ["scalar"],
    "torch": [
      "device", "Tensor", "strided", "per_tensor_affine", "per_tensor_symmetric",
      "per_channel_affine", "per_channel_symmetric", "per_channel_affine_float_qparams",
      "DoubleTensor", "FloatTensor", "HalfTensor", "BFloat16Tensor", "LongTensor", "IntTensor",
      "ShortTensor", "CharTensor", "ByteTensor", "BoolTensor",
    ],
    "torch.serialization": ["_get_layout"],
  ]

  /// Modules that have classes of plain data alone.
  private static let harmlessModules = ["omegaconf", "numpy.dtypes"]
}

extension PickleFault {
  /// The fault of a name that is not understood: what it is, and how its weights can be saved.
  init(refusing module: String, _ name: String) {
    let whole = "\(module).\(name)".prefix(120)
    if module.hasPrefix("torch.distributed") {
      self.init(
        "its pickle asks for \(whole), a tensor of which every process has a part",
        remedy: "save whole tensors: torch.distributed.checkpoint.state_dict.get_model_state_dict "
          + "with full_state_dict=True")
    } else {
      self.init(
        "its pickle asks for \(whole), which is no part of weights and is not run",
        remedy:
          "if you trust the file, load it with torch.load(…, weights_only=False) and save the "
          + "weights alone: torch.save(model.state_dict(), \"weights.pth\")")
    }
  }
}
