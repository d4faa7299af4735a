internal import HTTP
internal import Observability

/// The format of a metrics page, negotiated from the client's `Accept` field.
struct NegotiatedFormat: Equatable {
    let format: PageFormat
    /// Whether the client's `Accept` field has an `escaping` parameter, so that the content type of the metrics page
    /// has one too.
    let saysEscaping: Bool

    var contentType: StaticString { saysEscaping ? format.escapingContentType : format.contentType }

    /// The default format of a metrics page: for clients without an `Accept` field, and for fields that are malformed
    /// or name other formats.
    static let standard = NegotiatedFormat(format: .text, saysEscaping: false)

    /// Chooses OpenMetrics if the client prefers it: by a greater weight, by a more specific entry than that of the
    /// text format, or by an earlier entry.
    init(accepting preferences: [Preference]?) {
        guard let preferences, let openMetrics = Match(.openMetrics, in: preferences), openMetrics.weight > 0 else {
            self = .standard
            return
        }
        if let text = Match(.text, in: preferences), !openMetrics.isPreferred(to: text) {
            self = .standard
        } else {
            self.init(format: .openMetrics, saysEscaping: preferences[openMetrics.place]["escaping"] != nil)
        }
    }

    private init(format: PageFormat, saysEscaping: Bool) {
        self.format = format
        self.saysEscaping = saysEscaping
    }
}

/// The entry of an `Accept` field that names a page format most specifically, with its position in the field.
private struct Match {
    /// How specifically an entry of an `Accept` field names a page format: 3 for type and version, 2 for the type
    /// alone, 1 for `type/*`, 0 for `*/*`.
    let precision: Int
    let weight: Int
    let place: Int

    init?(_ format: PageFormat, in preferences: [Preference]) {
        var best: Match?
        for (place, preference) in preferences.enumerated() {
            guard let precision = preference.precision(for: format) else { continue }
            if let known = best, known.precision >= precision { continue }
            best = Match(precision: precision, weight: preference.weight, place: place)
        }
        guard let best else { return nil }
        self = best
    }

    private init(precision: Int, weight: Int, place: Int) {
        self.precision = precision
        self.weight = weight
        self.place = place
    }

    func isPreferred(to other: Match) -> Bool {
        if weight != other.weight { return weight > other.weight }
        return precision != other.precision ? precision > other.precision : place < other.place
    }
}

extension Preference {
    /// How specifically this entry of an `Accept` field names the page format, from 0 to 3; nil if it names another
    /// format or another version.
    fileprivate func precision(for format: PageFormat) -> Int? {
        switch name {
        case format.type: self["version"].map { $0 == format.version ? 3 : nil } ?? 2
        case format.family: 1
        case "*/*": 0
        default: nil
        }
    }
}

extension PageFormat {
    fileprivate var type: String { self == .text ? "text/plain" : "application/openmetrics-text" }
    fileprivate var family: String { self == .text ? "text/*" : "application/*" }
    fileprivate var version: String { self == .text ? "0.0.4" : "1.0.0" }
}

extension RequestHead {
    /// Whether the client accepts a body compressed with gzip.
    var acceptsGzip: Bool {
        guard let preferences = preferences(of: .acceptEncoding) else { return false }
        let named = preferences.first { $0.name == "gzip" } ?? preferences.first { $0.name == "*" }
        return (named?.weight ?? 0) > 0
    }

    /// The scrape timeout that Prometheus sends; nil if there is none or if it is not between 0 and 86,400 seconds.
    var scrapeTimeoutNanoseconds: UInt64? {
        guard case .single(let range) = values(of: .xPrometheusScrapeTimeoutSeconds),
            let seconds = Double(String(decoding: bytes[range], as: UTF8.self)), seconds > 0, seconds < 86_400
        else { return nil }
        return UInt64(seconds * 1e9)
    }
}
