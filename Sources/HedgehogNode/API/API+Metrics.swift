internal import Base
internal import HTTP
internal import HTTPServer
internal import Observability
internal import Reactor

extension API {
    func handleMetrics(_ exchange: Exchange) throws(Failure) {
        guard scrapes.begin() else { throw .tooManyScrapes }
        MetricsResponse(exchange, node, scrapes).renderSlice()
    }
}

/// Renders one metrics page, a slice per loop iteration, so that a page of many series does not delay requests. A
/// worker thread compresses it. The page is complete before its first byte is sent, so that no page is ever truncated.
private final class MetricsResponse {
    private let exchange: Exchange
    private let node: NodeServices
    private let scrapes: ScrapeMetrics
    private let negotiated: NegotiatedFormat
    private let began: UInt64
    private let timeoutNanoseconds: UInt64
    private var exposition: Exposition
    private var page: [UInt8] = []

    init(_ exchange: Exchange, _ node: NodeServices, _ scrapes: ScrapeMetrics) {
        self.exchange = exchange
        self.node = node
        self.scrapes = scrapes
        began = EventLoop.monotonicNanoseconds()
        negotiated = NegotiatedFormat(accepting: exchange.head.preferences(of: .accept))
        timeoutNanoseconds = exchange.head.scrapeTimeoutNanoseconds ?? .max
        exposition = node.registry.exposition(as: negotiated.format)
    }

    func renderSlice() {
        guard isWanted else { return }
        let isUnfinished = exposition.renderNext(maximumSamples: ObservabilityLimits.samplesPerSlice, into: &page)
        guard !isUnfinished else { return node.loop.enqueue { self.renderSlice() } }
        guard exchange.head.acceptsGzip, page.count >= ObservabilityLimits.uncompressedPageBytes else {
            return answer(page, isCompressed: false)
        }
        compress()
    }

    private func compress() {
        do {
            try node.workers.offload({ [page] in Gzip.compress(page) }) { [self] compressed in
                if isWanted { answer(compressed, isCompressed: true) }
            }
        } catch {
            // The workers' queue is full, so the page is sent uncompressed.
            answer(page, isCompressed: false)
        }
    }

    /// False if the client is gone or the scrape timeout that it sent has passed. In the second case this answers with
    /// an error.
    private var isWanted: Bool {
        guard exchange.isOpen else {
            scrapes.end(nil, nanoseconds: 0)
            return false
        }
        guard elapsed > timeoutNanoseconds else { return true }
        scrapes.end(.unavailable, nanoseconds: elapsed)
        exchange.fail(.scrapeTooLate)
        return false
    }

    private var elapsed: UInt64 { EventLoop.monotonicNanoseconds() - began }

    private func answer(_ body: [UInt8], isCompressed: Bool) {
        scrapes.end(.page, nanoseconds: elapsed)
        exchange.answer(.ok, body, contentType: negotiated.contentType) { fields in
            if isCompressed { fields.append("Content-Encoding: gzip\r\n") }
            fields.append("Vary: Accept, Accept-Encoding\r\n")
        }
    }
}
