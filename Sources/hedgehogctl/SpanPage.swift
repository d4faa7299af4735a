/// One node's answer to a request for its spans.
struct SpanPage: Decodable {
    let nodeId: String
    let spans: [Entry]
    let cut: Bool
    let held: Int
    let capacity: Int
    let oldest: String?
    let maxTracesPerSecond: Int

    struct Entry: Codable, Equatable {
        /// The node that recorded the span. Not part of the answer; set after decoding.
        var node: String?
        let traceId: String
        let spanId: String
        let parentSpanId: String?
        let name: String
        let kind: String
        let startNanoseconds: String
        let endNanoseconds: String
        let failed: Bool
        let failure: String?
        let attributes: [Attribute]
        let events: [Event]
        let links: [Link]

        var start: Int64 { Int64(startNanoseconds) ?? 0 }
        var end: Int64 { Int64(endNanoseconds) ?? 0 }

        subscript(_ key: String) -> String? {
            attributes.first { $0.key == key }?.value.description
        }
    }

    struct Attribute: Codable, Equatable {
        let key: String
        let value: Value
    }

    enum Value: Codable, Equatable, CustomStringConvertible {
        case text(String)
        case integer(Int)
        case flag(Bool)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else if let integer = try? container.decode(Int.self) {
                self = .integer(integer)
            } else {
                self = .text(try container.decode(String.self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .integer(let integer): try container.encode(integer)
            case .flag(let flag): try container.encode(flag)
            }
        }

        var description: String {
            switch self {
            case .text(let text): text
            case .integer(let integer): "\(integer)"
            case .flag(let flag): "\(flag)"
            }
        }
    }

    struct Event: Codable, Equatable {
        let name: String
        let atNanoseconds: String
        let attributes: [Attribute]

        var moment: Int64 { Int64(atNanoseconds) ?? 0 }
    }

    struct Link: Codable, Equatable {
        let traceId: String
        let spanId: String
    }
}
