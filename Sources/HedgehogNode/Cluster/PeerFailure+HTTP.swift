internal import Base
internal import Cluster
internal import HTTPClient
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

// Maps the outcome of an HTTP request to a peer to the cluster's `PeerFailure`. The important distinction is whether
// the peer may have applied the message.

extension Result where Success == ClientResponse, Failure == ClientError {
    var peerResult: Result<[UInt8], PeerFailure> {
        switch self {
        case .success(let response) where response.status == 200: .success(response.body)
        case .success(let response): .failure(PeerFailure(errorResponse: response))
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

    fileprivate init(errorResponse response: ClientResponse) {
        let sentence = Self.sentence(in: response.body) ?? "status \(response.status)"
        switch response.status {
        case 400, 403, 409, 503: self = .rejected(sentence)
        default: self = .broken("status \(response.status): \(sentence)")
        }
    }

    private struct ErrorBody: Decodable {
        let error: String
    }

    private static func sentence(in body: [UInt8]) -> String? {
        guard let body = try? JSONDecoder().decode(ErrorBody.self, from: Data(body)) else { return nil }
        return String(repairing: Array(body.error.utf8.prefix(TransportLimits.sentenceBytes)).span)
    }
}
