internal import CCurl
package import Reactor

/// Sends HTTP/1.1 requests over kept connections. It belongs to the thread of its loop.
///
/// Curl repeats a request by itself when a kept connection turns out to be dead before the first byte of an answer, so
/// every request sent through here must be one that may be done twice.
package final class Client {
    /// Of the libcurl that this process runs with.
    package static var libraryVersion: String { CurlLoop.libraryVersion }

    package let loop: EventLoop
    private let limits: HTTPClientLimits
    private let curl: CurlLoop
    private var running: [UnsafeMutableRawPointer: Transfer] = [:]
    private var streamCount = 0
    private var idleHandles: [EasyHandle] = []
    package private(set) var isOpen = true

    package init(loop: EventLoop, limits: HTTPClientLimits = HTTPClientLimits()) {
        self.loop = loop
        self.limits = limits
        curl = CurlLoop(loop: loop, maximumConnections: limits.maximumInFlight)
        curl.onProgress = progress
    }

    package var inFlightCount: Int { running.count }
    /// In use and kept.
    package var openConnectionCount: Int { curl.openSocketCount }
}

extension Client {
    /// `completion` runs on the loop, exactly once, never before this has returned. With a `sink`, the body of an
    /// answer of the 2xx statuses goes there piece by piece as it comes, all before the completion, and is not held.
    @discardableResult
    package func send(
        _ request: ClientRequest, sink: (([UInt8]) -> Void)? = nil,
        completion: @escaping (Result<ClientResponse, ClientError>) -> Void
    ) -> Transfer {
        let transfer = Transfer(
            request, maximumHeadBytes: limits.maximumHeadBytes, sink: sink, completion: completion)
        do {
            try start(transfer, request)
        } catch {
            completeSoon(transfer, error)
        }
        return transfer
    }

    private func start(_ transfer: Transfer, _ request: ClientRequest) throws(ClientError) {
        guard isOpen else { throw .closed }
        guard running.count < limits.maximumInFlight else { throw .tooManyInFlight(limit: limits.maximumInFlight) }
        try request.check()
        let handle = idleHandles.popLast() ?? EasyHandle()
        handle.configure(request, transfer: transfer, curl: curl)
        transfer.advance(to: .running(handle))
        running[handle.raw] = transfer
        if transfer.isStreaming { streamCount += 1 }
        curl.add(handle)
    }

    /// Its completion comes with `cancelled`, unless it has come or is on its way. The connection is closed, since the
    /// rest of the answer would come on it.
    package func cancel(_ transfer: Transfer) {
        guard case .running(let handle) = transfer.phase else { return }
        precondition(running[handle.raw] === transfer, "a client was asked to cancel another one's transfer")
        release(handle)
        completeSoon(transfer, .cancelled)
    }

    /// Ends what is under way with `closed`, and closes every connection. Before the loop is closed.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        for transfer in running.values {
            guard case .running(let handle) = transfer.phase else { continue }
            release(handle)
            completeSoon(transfer, .closed)
        }
        idleHandles = []
        curl.close()
    }
}

extension Client {
    private func progress() {
        if streamCount > 0 {
            for transfer in running.values { transfer.deliverChunk() }
        }
        while isOpen, let (raw, code) = curl.nextEnded() { finish(raw, code) }
    }

    private func finish(_ raw: UnsafeMutableRawPointer, _ code: CURLcode) {
        guard let transfer = running[raw], case .running(let handle) = transfer.phase else {
            preconditionFailure("curl ended a transfer that was not running")
        }
        let result = transfer.result(code, handle)
        release(handle)
        transfer.complete(result)
    }

    private func release(_ handle: EasyHandle) {
        curl.remove(handle)
        if let transfer = running.removeValue(forKey: handle.raw), transfer.isStreaming { streamCount -= 1 }
        handle.reset()
        if idleHandles.count < HTTPClientLimits.idleHandles { idleHandles.append(handle) }
    }

    private func completeSoon(_ transfer: Transfer, _ error: ClientError) {
        transfer.advance(to: .ending)
        loop.enqueue { transfer.complete(.failure(error)) }
    }
}
