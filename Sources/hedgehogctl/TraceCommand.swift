internal import ArgumentParser
internal import HTTPClient

/// The trace or the client request whose spans are shown. 32 lowercase hexadecimal digits are a trace id; any other
/// text is a request id.
enum TraceSubject: Equatable, CustomStringConvertible {
    case trace(String)
    case request(String)

    init(_ text: String) {
        let isTrace = text.utf8.count == 32 && text.utf8.allSatisfy("0123456789abcdef".utf8.contains)
        self = isTrace ? .trace(text) : .request(text)
    }

    var description: String {
        switch self {
        case .trace(let id): "trace \(id)"
        case .request(let id): "request \(id)"
        }
    }
}

struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Show the spans of one request on every node as a tree.",
        discussion: """
            ID is the X-Trace-ID or X-Request-ID of an answer. Every member is asked for the spans that it holds in \
            memory: the most recent few thousand, and only those of recorded traces. The replay of a hint is shown \
            below the write that stored the hint.
            """)

    @Argument(help: "A trace id (32 lowercase hexadecimal digits) or a request id.") var id: String
    @OptionGroup var server: ServerOptions

    func validate() throws {
        try checkNotEmpty(id, "id")
    }

    func run() throws {
        try server.run { session in
            let subject = TraceSubject(id)
            let survey = try TraceSurvey(of: subject, session)
            guard !survey.spans.isEmpty else { throw ControlFailure.noSpans(subject, reasons: survey.emptyReasons) }
            try session.output.write(session.showsJSON ? survey.json() : Array(survey.text.utf8))
        }
    }
}

extension TraceSurvey {
    /// Asks the node for the list of members, then every member for its spans. A search by request id finds only the
    /// spans that carry the id, so a second round asks for the complete traces of those spans. A last round asks for
    /// the traces of hint replays that are linked to them.
    fileprivate init(of subject: TraceSubject, _ session: Session) throws {
        let members = try NodeList(decodingJSON: try session.answer(to: .clusterNodes).body).nodes
        self.init()
        switch subject {
        case .trace: try ask(members, subject, session)
        case .request(let id):
            try ask(members, subject, session)
            for trace in traces(ofRequest: id).prefix(ControlLimits.traces) {
                try ask(members, .trace(trace), session)
            }
        }
        for trace in linkedTraces.prefix(ControlLimits.traces) { try ask(members, .trace(trace), session) }
    }

    private mutating func ask(_ members: [NodeList.Entry], _ subject: TraceSubject, _ session: Session) throws {
        var calls: [(call: Call, address: ServerAddress)] = []
        var names: [String] = []
        for member in members where silent[member.id] == nil {
            guard let address = try? ServerAddress(parsing: "http://\(member.addr)") else {
                note(member.id, silent: "its address is unknown")
                continue
            }
            names.append(member.id)
            calls.append((.traces(subject), address))
        }
        for (name, answer) in zip(names, session.answers(to: calls)) {
            switch answer {
            case .success(let response) where response.status == 200: add(try SpanPage(decodingJSON: response.body))
            case .success(let response) where response.status == 400:
                throw ControlFailure.refused(ServerRefusal(status: response.status, body: response.body))
            case .success(let response):
                note(name, silent: ServerRefusal(status: response.status, body: response.body).description)
            case .failure(let error): note(name, silent: "\(error)")
            }
        }
    }
}
