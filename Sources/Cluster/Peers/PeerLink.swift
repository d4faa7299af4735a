internal import DequeModule

/// The way to one peer: its lanes, each with the calls that wait for it.
///
/// While a batch is under way the next one gathers, so that batches grow with load, and an idle lane sends at the end
/// of the turn. HTTP/1.1 does not multiplex: a batch in flight is a connection, and a lane has few of them.
final class PeerLink {
    private struct Waiting {
        let call: PeerCall
        let deadlineMilliseconds: UInt64
        let completion: (Result<PeerAnswer, PeerFailure>) -> Void
    }

    private struct Lane {
        var waiting: Deque<Waiting> = []
        var waitingBytes = 0
        var batchesInFlight = 0
    }

    /// Holds this link.
    private unowned let hub: PeerHub
    private let member: Int
    private var lanes: [Lane] = PeerLane.allCases.map { _ in Lane() }

    init(_ hub: PeerHub, member: Int) {
        self.hub = hub
        self.member = member
    }

    var waitingBytes: Int { lanes.reduce(0) { $0 + $1.waitingBytes } }

    func call(
        _ operation: PeerCall.Operation, over lane: PeerLane, trace: RequestTrace, timeoutMilliseconds: UInt64,
        completion: @escaping (Result<PeerAnswer, PeerFailure>) -> Void
    ) {
        let call = PeerCall(
            operation, remainingMilliseconds: UInt32(clamping: timeoutMilliseconds), trace: trace)
        let bytes = call.weightBytes
        let waiting = lanes[lane.rawValue].waitingBytes
        // One call is let in whatever its size: an item may be larger than the bound.
        guard waiting == 0 || waiting + bytes <= LinkLimits.waitingBytesPerLane else {
            return hub.enqueue { completion(.failure(.unreachable("too much waits to be sent to it"))) }
        }
        lanes[lane.rawValue].waitingBytes += bytes
        lanes[lane.rawValue].waiting.append(
            Waiting(
                call: call, deadlineMilliseconds: hub.nowMilliseconds + timeoutMilliseconds, completion: completion))
        hub.list(self)
    }

    /// Sends what waits and may be sent.
    func flush() {
        for lane in PeerLane.allCases {
            while lanes[lane.rawValue].batchesInFlight < LinkLimits.batchesInFlightPerLane,
                !lanes[lane.rawValue].waiting.isEmpty {
                sendBatch(over: lane)
            }
        }
    }

    /// Gives up what has waited too long to be sent. Nothing of it has left.
    func expireWaiting() {
        let now = hub.nowMilliseconds
        for lane in PeerLane.allCases {
            while let first = lanes[lane.rawValue].waiting.first, first.deadlineMilliseconds <= now {
                let waiting = take(from: lane)
                waiting.completion(.failure(.unreachable("it is too slow: the operation waited to be sent")))
            }
        }
    }

    private func take(from lane: PeerLane) -> Waiting {
        let waiting = lanes[lane.rawValue].waiting.removeFirst()
        lanes[lane.rawValue].waitingBytes -= waiting.call.weightBytes
        return waiting
    }

    private func sendBatch(over lane: PeerLane) {
        var batch: [Waiting] = []
        var bytes = 0
        while batch.count < LinkLimits.callsPerBatch, bytes < LinkLimits.bytesPerBatch,
            !lanes[lane.rawValue].waiting.isEmpty {
            let waiting = take(from: lane)
            bytes += waiting.call.weightBytes + waiting.call.answerBytes
            batch.append(waiting)
        }
        lanes[lane.rawValue].batchesInFlight += 1
        let now = hub.nowMilliseconds
        let calls = batch.map { waiting in
            var call = waiting.call
            call.remainingMilliseconds = UInt32(clamping: waiting.deadlineMilliseconds.subtractingToZero(now))
            return call
        }
        // The last to expire; those before it lose a little patience with nothing.
        let timeout = calls.map(\.remainingMilliseconds).max() ?? 0
        hub.send(calls, to: member, over: lane, timeoutMilliseconds: max(UInt64(timeout), 1)) { [self] result in
            lanes[lane.rawValue].batchesInFlight -= 1
            if !lanes[lane.rawValue].waiting.isEmpty { hub.list(self) }
            settle(batch, result)
        }
    }

    private func settle(_ batch: [Waiting], _ result: Result<[PeerAnswer], PeerFailure>) {
        switch result {
        case .success(let answers):
            precondition(answers.count == batch.count, "a batch was answered in part")
            for (waiting, answer) in zip(batch, answers) { waiting.completion(.success(answer)) }
        case .failure(let failure):
            for waiting in batch { waiting.completion(.failure(failure)) }
        }
    }
}

extension PeerCall {
    /// What its answer may be large by, so that those of one batch fit into one message.
    fileprivate var answerBytes: Int {
        if case .page(let request) = operation { request.maximumBytes } else { 0 }
    }
}

/// What bounds the memory that a slow or silent peer can hold.
enum LinkLimits {
    static let waitingBytesPerLane = 16 << 20
    static let batchesInFlightPerLane = 2
    static let callsPerBatch = 256
    /// A batch may be larger by its last call.
    static let bytesPerBatch = 1 << 20
}

extension UInt64 {
    func subtractingToZero(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}
