/// Octets from hexadecimal text, in as many pieces as there are fields.
func bytes(_ fields: String...) -> [UInt8] {
  fields.flatMap { $0.split(separator: " ") }.compactMap { UInt8($0, radix: 16) }
}
