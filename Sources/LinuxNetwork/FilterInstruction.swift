import CMnl

/// One instruction of a classic BPF program (socket(7); `linux/filter.h sock_filter`).
struct FilterInstruction: Equatable {
  /// The most instructions that the kernel takes in one program (`BPF_MAXINSNS`).
  static let maxCount = 4096

  var code: UInt16
  var jumpIfTrue: UInt8 = 0
  var jumpIfFalse: UInt8 = 0
  var operand: UInt32

  /// Loads an octet of the frame.
  static func load8(_ offset: Int) -> FilterInstruction {
    FilterInstruction(code: UInt16(BPF_LD | BPF_B | BPF_ABS), operand: UInt32(offset))
  }

  /// Loads 16 bits of the frame, in network order.
  static func load16(_ offset: Int) -> FilterInstruction {
    FilterInstruction(code: UInt16(BPF_LD | BPF_H | BPF_ABS), operand: UInt32(offset))
  }

  /// Loads 32 bits of the frame, in network order.
  static func load32(_ offset: Int) -> FilterInstruction {
    FilterInstruction(code: UInt16(BPF_LD | BPF_W | BPF_ABS), operand: UInt32(offset))
  }

  /// Skips as many instructions as given for either result of a comparison.
  static func ifEqual(
    _ value: UInt32, skip: UInt8, else otherwise: UInt8
  ) -> FilterInstruction {
    FilterInstruction(
      code: UInt16(BPF_JMP | BPF_JEQ | BPF_K), jumpIfTrue: skip, jumpIfFalse: otherwise,
      operand: value)
  }

  /// Skips instructions, any number of them.
  static func skip(_ count: Int) -> FilterInstruction {
    FilterInstruction(code: UInt16(BPF_JMP | BPF_JA), operand: UInt32(count))
  }

  /// Drops the frame.
  static let drop = FilterInstruction(code: UInt16(BPF_RET | BPF_K), operand: 0)

  /// Accepts the frame, as much of it as a caller reads.
  static let accept = FilterInstruction(
    code: UInt16(BPF_RET | BPF_K), operand: UInt32(PacketSocket.maxFrame))

  /// The instruction as the kernel reads it.
  var kernelForm: sock_filter {
    sock_filter(code: code, jt: jumpIfTrue, jf: jumpIfFalse, k: operand)
  }
}
