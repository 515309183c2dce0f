/// Channels that do not fit together, and what is said about them.
let badChannels: [BadInput] = [
  BadInput(
    "data: {mean: [0.5, 0.5]}",
    says: "r.yaml:1: data.mean: has 2 numbers, and data.channels is 3; give one for each channel, "
      + "or one for all"),
  BadInput(
    "data: {path: x, channels: 5, range_max: [1, 2, 3, 4, 5]}",
    says:
      "r.yaml:1: data.range_min: belongs together with data.range_max; set both or none"),
  BadInput(
    "data: {path: x, channels: 2, range_min: [0, 9], range_max: 9}",
    says: "r.yaml:1: data.range_min: of channel 2 it is 9, and data.range_max is 9; it must be less"
  ),
  BadInput(
    "data: {channels: 6}",
    says:
      "r.yaml:1: data.channels: the embedded textures have 3 channels, or 1 of their grey, not 6"),
  BadInput("data: {channels: 0}", says: "r.yaml:1: data.channels: must be from 1 to 1024, not 0"),
  BadInput(
    "{student: {in_chans: 4}, data: {path: x}}",
    says:
      "r.yaml:1: student.in_chans: must be 0 or 3, not 4: it is data.channels; set data.channels"),
]
