internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer

extension API {
    func handleHealth(_ exchange: Exchange, _ context: RequestContext) {
        switch context.route {
        case .ready: answerReadiness(exchange)
        case .live: exchange.answer(.ok, Array("{\"status\":\"alive\"}\n".utf8))
        case .root: answerRoot(exchange)
        default: exchange.answer(.ok, Array("{\"status\":\"ok\"}\n".utf8))
        }
    }

    private func answerReadiness(_ exchange: Exchange) {
        let checks = node.readinessChecks
        let isReady = checks.allSatisfy { $0.problem == nil }
        var body: [UInt8] = []
        body.append(#"{"status":"#)
        body.appendJSONString(isReady ? "ready" : "not ready")
        body.append(#","checks":{"#)
        for (index, check) in checks.enumerated() {
            if index > 0 { body.append(",") }
            body.append("\"")
            body.append(check.name)
            body.append(#"":{"ok":"#)
            body.append(check.problem == nil ? "true" : "false")
            if let problem = check.problem {
                body.append(#","reason":"#)
                body.appendJSONString(problem)
            }
            if let progress = check.progress {
                body.append(",")
                body.appendProgress(progress)
            }
            body.append("}")
        }
        body.append("}")
        if !isReady {
            body.append(#","error":"#)
            body.appendJSONString(checks.compactMap(\.problem).joined(separator: "; "))
            body.appendIDs(exchange.context.identity)
        }
        body.append("}\n")
        exchange.answer(isReady ? .ok : .serviceUnavailable, body)
    }

    private func answerRoot(_ exchange: Exchange) {
        var body: [UInt8] = []
        body.append(#"{"name":"HedgehogDB","version":"#)
        body.appendJSONString(Build.version)
        body.append(#","node_id":"#)
        body.appendJSONString(node.configuration.nodeID.description)
        body.append(
            #","api":"/api/v1/tables","health":"/readyz","metrics":"/metrics","cluster":"/api/v1/cluster/status","#)
        body.append("\"docs\":\"README.md and docs/ in the source\"}\n")
        exchange.answer(.ok, body)
    }
}

extension Array where Element == UInt8 {
    /// Appends the progress of the recovery as JSON members.
    mutating func appendProgress(_ recovery: ClusterNode.RecoveryStatus) {
        append(#""whole_partitions":"#)
        appendDecimal(recovery.wholePartitions)
        append(#","partitions":"#)
        appendDecimal(recovery.partitions)
    }
}
