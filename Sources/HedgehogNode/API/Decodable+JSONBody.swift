#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import HTTP

extension Decodable {
    /// Decodes the JSON body of a command. `required` describes the members that it must have, for the error.
    init(jsonBody body: [UInt8], required: String) throws(Failure) {
        let object: [UInt8]
        do {
            object = try JSONObject.check(body)
        } catch {
            throw .badJSON(error)
        }
        guard let command = try? JSONDecoder().decode(Self.self, from: Data(object)) else {
            throw .missingInBody(required)
        }
        self = command
    }
}
