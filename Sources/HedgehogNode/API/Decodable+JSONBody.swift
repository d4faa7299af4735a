#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import HTTP

extension Decodable {
    /// What a request says whose body is a command; `required` says what must be in it, with an example.
    init(commandBody body: [UInt8], required: String) throws(Failure) {
        let object: [UInt8]
        do {
            object = try JSONObject.check(body)
        } catch {
            throw .badJSON(error)
        }
        guard let command = try? JSONDecoder().decode(Self.self, from: Data(object)) else {
            throw Failure(.badRequest, "the body has no \(required)")
        }
        self = command
    }
}
