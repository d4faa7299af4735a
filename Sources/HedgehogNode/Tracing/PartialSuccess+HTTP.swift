#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import HTTPClient
internal import Observability

extension PartialSuccess {
    /// Reads the partial success of OTLP from a collector's successful response: how many spans it rejected, and why. A
    /// body that cannot be parsed, or that is too long to be parsed on the loop, counts as complete success.
    init(_ response: ClientResponse) {
        guard 200..<300 ~= response.status, 1...ExportLimits.partialSuccessBytes ~= response.body.count else {
            self.init()
            return
        }
        let isJSON = response.headers["Content-Type"]?.lowercased().hasPrefix("application/json") == true
        self = (isJSON ? Self(json: response.body) : Self(protobuf: response.body)) ?? Self()
    }

    private struct Response: Decodable {
        let partialSuccess: Partial?
    }

    private struct Partial: Decodable {
        let rejectedSpans: LooseInteger?
        let errorMessage: String?
    }

    init?(json body: [UInt8]) {
        guard let response = try? JSONDecoder().decode(Response.self, from: Data(body)) else { return nil }
        self.init(
            rejectedSpans: response.partialSuccess?.rejectedSpans?.value ?? 0,
            message: response.partialSuccess?.errorMessage ?? "")
    }
}

/// A 64-bit integer in an OTLP response in JSON: text, as the JSON mapping of Protocol Buffers requires, or a number,
/// as some collectors send it.
private struct LooseInteger: Decodable {
    let value: Int64

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int64.self) {
            value = number
            return
        }
        guard let number = Int64(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an integer")
        }
        value = number
    }
}
