internal import Base
internal import HTTP
internal import HTTPServer
internal import Observability
internal import Reactor

extension API {
    func handleMetrics(_ exchange: Exchange, _ scrapes: ScrapeQueue) throws(Failure) {
        try scrapes.admit(MetricsResponse(exchange, node, scrapes))
    }
}

/// The queue of scrapes. Only a limited number of metrics pages are rendered at the same time; the others wait here. A
/// page whose scraper has disconnected, or whose scrape timeout has passed, is ended when its turn comes.
final class ScrapeQueue {
    private let metrics: ScrapeMetrics
    private var waiting: [MetricsResponse] = []

    init(_ metrics: ScrapeMetrics) {
        self.metrics = metrics
    }

    fileprivate func admit(_ response: MetricsResponse) throws(Failure) {
        switch metrics.admit() {
        case .begin: response.begin()
        case .wait: waiting.append(response)
        case .refuse: throw .tooManyScrapes
        }
    }

    /// Ends the rendering of one metrics page, and begins the page that has waited longest, if any, in a later loop
    /// iteration.
    fileprivate func end(_ answer: ScrapeMetrics.Answer?, nanoseconds: UInt64, _ loop: EventLoop) {
        guard metrics.end(answer, nanoseconds: nanoseconds) else { return }
        let next = waiting.removeFirst()
        loop.enqueue { next.begin() }
    }
}

/// Renders one metrics page, a slice per loop iteration, so that a page of many series does not delay requests. A
/// worker thread compresses it. The page is complete before its first byte is sent, so that no page is ever truncated.
private final class MetricsResponse {
    private let exchange: Exchange
    private let node: NodeServices
    private let scrapes: ScrapeQueue
    private let negotiated: NegotiatedFormat
    /// The monotonic times, in nanoseconds, at which the scrape arrived and at which the rendering of its metrics page
    /// began.
    private let received = EventLoop.monotonicNanoseconds()
    private var began: UInt64 = 0
    private let timeoutNanoseconds: UInt64
    /// The copy of all metric values from which the metrics page is rendered. It is made when rendering begins, so a
    /// page that has waited in the queue of scrapes shows the values at the end of the wait.
    private lazy var exposition = node.registry.exposition(as: negotiated.format)
    private var page: [UInt8] = []

    init(_ exchange: Exchange, _ node: NodeServices, _ scrapes: ScrapeQueue) {
        self.exchange = exchange
        self.node = node
        self.scrapes = scrapes
        negotiated = NegotiatedFormat(accepting: exchange.head.preferences(of: .accept))
        timeoutNanoseconds = exchange.head.scrapeTimeoutNanoseconds ?? .max
    }

    func begin() {
        began = EventLoop.monotonicNanoseconds()
        renderSlice()
    }

    private func renderSlice() {
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
            // The queue of the worker threads is full, so the metrics page is sent uncompressed.
            answer(page, isCompressed: false)
        }
    }

    /// Whether the scraper still waits for the metrics page. If it has disconnected, or its scrape timeout has passed,
    /// this is false and ends the page; after a timeout it also sends the error answer.
    private var isWanted: Bool {
        guard exchange.isOpen else {
            scrapes.end(nil, nanoseconds: 0, node.loop)
            return false
        }
        guard EventLoop.monotonicNanoseconds() - received > timeoutNanoseconds else { return true }
        scrapes.end(.unavailable, nanoseconds: elapsed, node.loop)
        exchange.fail(.scrapeTooLate)
        return false
    }

    private var elapsed: UInt64 { EventLoop.monotonicNanoseconds() - began }

    private func answer(_ body: [UInt8], isCompressed: Bool) {
        scrapes.end(.page, nanoseconds: elapsed, node.loop)
        exchange.answer(.ok, body, contentType: negotiated.contentType) { fields in
            if isCompressed { fields.append("Content-Encoding: gzip\r\n") }
            fields.append("Vary: Accept, Accept-Encoding\r\n")
        }
    }
}
