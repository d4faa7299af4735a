/// Converts the notation of the test tables to bytes: `↵` is CR LF, `␊` LF, `␍` CR, `␉` a tab, `␀` NUL, `‹FF›` any byte
/// by its hexadecimal value, and the rest UTF-8.
func bytes(_ text: String) -> [UInt8] {
    var result: [UInt8] = []
    var characters = text.makeIterator()
    while let character = characters.next() {
        switch character {
        case "↵": result += [13, 10]
        case "␊": result.append(10)
        case "␍": result.append(13)
        case "␉": result.append(9)
        case "␀": result.append(0)
        case "‹":
            var digits = ""
            while let digit = characters.next(), digit != "›" { digits.append(digit) }
            guard let byte = UInt8(digits, radix: 16) else { fatalError("not a hexadecimal byte: \(digits)") }
            result.append(byte)
        default: result += Array(String(character).utf8)
        }
    }
    return result
}

func text(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: Array(bytes), as: UTF8.self)
}
