internal import CCurl
package import Reactor

/// Sends HTTP/1.1 requests over connections that are kept for reuse. Loop thread only.
///
/// When a reused connection turns out to be dead before the first byte of a response, curl sends the request again on
/// another one. So every request sent through a client must be one that may be executed twice.
package final class Client {
    /// The version of the libcurl that this process runs with.
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

    /// Requests sent and not answered yet.
    package var inFlightCount: Int { running.count }
    /// Connections in use and connections kept for reuse.
    package var openConnectionCount: Int { curl.openSocketCount }
}

extension Client {
    /// Sends a request. `completion` runs on the loop, exactly once, never before this call has returned. With a
    /// `sink`, the body of a response with a 2xx status is passed to it piece by piece as it arrives, all before the
    /// completion, and is not kept in the response. At most `HTTPClientLimits.maximumInFlight` requests run; one more
    /// fails with `tooManyInFlight`.
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
            enqueueCompletion(transfer, error)
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

    /// Cancels a transfer of this client: its completion runs later with `cancelled`. No effect if the transfer has
    /// ended. The connection is closed, because the rest of the response would arrive on it.
    package func cancel(_ transfer: Transfer) {
        guard case .running(let handle) = transfer.phase else { return }
        precondition(running[handle.raw] === transfer, "a client was asked to cancel the transfer of another client")
        release(handle)
        enqueueCompletion(transfer, .cancelled)
    }

    /// Ends running transfers, whose completions run later with `closed`, and closes every connection. Must be called
    /// before the loop is closed. Closing twice has no effect.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        for transfer in running.values {
            guard case .running(let handle) = transfer.phase else { continue }
            release(handle)
            enqueueCompletion(transfer, .closed)
        }
        idleHandles = []
        curl.close()
    }
}

extension Client {
    private func progress() {
        if streamCount > 0 {
            for transfer in running.values { transfer.flushToSink() }
        }
        while isOpen, let (raw, code) = curl.nextEnded() { finish(raw, code) }
    }

    private func finish(_ raw: UnsafeMutableRawPointer, _ code: CURLcode) {
        guard let transfer = running[raw], case .running(let handle) = transfer.phase else {
            preconditionFailure("curl ended a transfer that was not running")
        }
        let response = transfer.response(code, handle)
        release(handle)
        transfer.complete(response)
    }

    private func release(_ handle: EasyHandle) {
        curl.remove(handle)
        if let transfer = running.removeValue(forKey: handle.raw), transfer.isStreaming { streamCount -= 1 }
        handle.reset()
        if idleHandles.count < HTTPClientLimits.idleHandles { idleHandles.append(handle) }
    }

    private func enqueueCompletion(_ transfer: Transfer, _ error: ClientError) {
        transfer.advance(to: .ending)
        loop.enqueue { transfer.complete(.failure(error)) }
    }
}
