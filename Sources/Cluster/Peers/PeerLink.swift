internal import DequeModule

/// The link to one peer: four lanes, each with a queue of calls.
///
/// Calls gather while a batch is in flight, so that batches grow with load; an idle lane sends at the end of the loop
/// iteration. HTTP/1.1 does not multiplex: a batch in flight occupies a connection, and each lane has few of them.
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

    /// Owns this link.
    private unowned let links: PeerLinks
    private let member: MemberIndex
    private var lanes: [Lane] = PeerLane.allCases.map { _ in Lane() }

    init(_ links: PeerLinks, member: MemberIndex) {
        self.links = links
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
        // An empty queue takes a call of any size: an item may be larger than the bound.
        guard waiting == 0 || waiting + bytes <= LinkLimits.waitingBytesPerLane else {
            return links.enqueue { completion(.failure(.unreachable("the send queue is full"))) }
        }
        lanes[lane.rawValue].waitingBytes += bytes
        lanes[lane.rawValue].waiting.append(
            Waiting(
                call: call, deadlineMilliseconds: links.nowMilliseconds + timeoutMilliseconds, completion: completion))
        links.list(self)
    }

    /// Sends waiting calls, as far as the limit of batches in flight allows.
    func flush() {
        for lane in PeerLane.allCases {
            while lanes[lane.rawValue].batchesInFlight < LinkLimits.batchesInFlightPerLane,
                !lanes[lane.rawValue].waiting.isEmpty {
                sendBatch(over: lane)
            }
        }
    }

    /// Fails the calls whose deadline passed before they were sent.
    func expireWaiting() {
        let now = links.nowMilliseconds
        for lane in PeerLane.allCases {
            while let first = lanes[lane.rawValue].waiting.first, first.deadlineMilliseconds <= now {
                let waiting = take(from: lane)
                waiting.completion(.failure(.unreachable("timed out in the send queue")))
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
        let now = links.nowMilliseconds
        let calls = batch.map { waiting in
            var call = waiting.call
            call.remainingMilliseconds = UInt32(clamping: waiting.deadlineMilliseconds.subtractingToZero(now))
            return call
        }
        // The timeout of a batch is the longest remaining time of its calls. A call with less time may therefore time
        // out later than its own deadline, by the difference at most.
        let timeout = max(UInt64(calls.map(\.remainingMilliseconds).max() ?? 0), 1)
        send(calls, over: lane, timeoutMilliseconds: timeout) { [self] result in
            lanes[lane.rawValue].batchesInFlight -= 1
            if !lanes[lane.rawValue].waiting.isEmpty { links.list(self) }
            complete(batch, result)
        }
    }

    private func complete(_ batch: [Waiting], _ result: Result<[PeerAnswer], PeerFailure>) {
        switch result {
        case .success(let answers):
            precondition(answers.count == batch.count, "a batch has fewer answers than calls")
            for (waiting, answer) in zip(batch, answers) { waiting.completion(.success(answer)) }
        case .failure(let failure):
            for waiting in batch { waiting.completion(.failure(failure)) }
        }
    }
}

// One batch of calls, from sending it until its answers arrive.
extension PeerLink {
    private func send(
        _ calls: [PeerCall], over lane: PeerLane, timeoutMilliseconds: UInt64,
        completion: @escaping (Result<[PeerAnswer], PeerFailure>) -> Void
    ) {
        let roster = links.roster
        guard let address = roster.address(of: member) else {
            return links.enqueue { completion(.failure(.unreachable("its address is not known yet"))) }
        }
        let message = CallBatch(roster.envelope(to: member), calls: calls).encoded
        links.transport.send(
            message, over: lane, to: address, timeoutMilliseconds: timeoutMilliseconds
        ) { [self] result in
            let answers = result.flatMap { decode($0, count: calls.count) }
            switch answers {
            case .success: roster.answered(member)
            case .failure(let failure): roster.failed(member, failure)
            }
            completion(answers)
        }
    }

    private func decode(_ bytes: [UInt8], count: Int) -> Result<[PeerAnswer], PeerFailure> {
        do throws(WireError) {
            let batch = try AnswerBatch(decoding: bytes)
            guard links.roster.accepts(batch.envelope, from: member) else {
                return .failure(.broken("the answer is of another node or cluster"))
            }
            guard batch.answers.count == count else {
                return .failure(.broken("\(count) calls were given \(batch.answers.count) answers"))
            }
            return .success(batch.answers)
        } catch {
            return .failure(.broken("\(error)"))
        }
    }
}

extension PeerCall {
    /// Upper bound of the size of a large answer, in bytes, so that the answers of one batch fit into one message.
    fileprivate var answerBytes: Int {
        if case .page(let request) = operation { request.maximumBytes } else { 0 }
    }
}

extension UInt64 {
    func subtractingToZero(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}
