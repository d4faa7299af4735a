internal import Base
internal import Cluster
internal import HTTPClient
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

// What an HTTP exchange with a peer came to, in the cluster's words. The one question that matters: may the message
// have been acted on?

extension Result where Success == ClientResponse, Failure == ClientError {
    var peerResult: Result<[UInt8], PeerFailure> {
        switch self {
        case .success(let response) where response.status == 200: .success(response.body)
        case .success(let response): .failure(PeerFailure(refusal: response))
        case .failure(let error): .failure(PeerFailure(error))
        }
    }
}

extension PeerFailure {
    fileprivate init(_ error: ClientError) {
        switch error {
        case .refused: self = .refused
        case .timedOut: self = .timedOut
        case _ where error.mayHaveBeenSent: self = .broken("\(error)")
        default: self = .unreachable("\(error)")
        }
    }

    fileprivate init(refusal response: ClientResponse) {
        let sentence = Self.sentence(in: response.body) ?? "status \(response.status)"
        switch response.status {
        case 400, 403, 409, 503: self = .rejected(sentence)
        default: self = .broken("status \(response.status): \(sentence)")
        }
    }

    private struct Refusal: Decodable {
        let error: String
    }

    private static func sentence(in body: [UInt8]) -> String? {
        guard let refusal = try? JSONDecoder().decode(Refusal.self, from: Data(body)) else { return nil }
        return String(repairing: Array(refusal.error.utf8.prefix(TransportLimits.sentenceBytes)).span)
    }
}
