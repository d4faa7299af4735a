internal import Cluster
internal import HTTPClient
internal import HTTPServer
internal import Observability
internal import Reactor
internal import Storage

// Values that others keep, read when a page of metrics is made.
extension MetricSamples {
    mutating func node(_ configuration: NodeConfiguration) {
        gauge(.nodeInfo, configuration.nodeID, Build.version, value: 1)
        gauge(
            .buildInfo, Build.version, Build.revision, Build.swiftVersion, EventLoop.libraryVersion,
            Client.libraryVersion, value: 1)
    }

    mutating func server(_ counters: ServerCounters) {
        gauge(.httpConnections, "open", value: Int64(counters.openConnections))
        counter(.httpConnectionsAccepted, value: counters.acceptedConnections)
        counter(.httpConnectionsRefused, value: counters.refusedConnections)
        gauge(.httpRequestsInFlight, value: Int64(counters.requestsInFlight))
        gauge(.httpHeldBodyBytes, value: Int64(counters.heldBodyBytes))
        counter(.httpAcceptFailures, value: counters.acceptFailures)
        counter(.httpIdleTimeouts, value: counters.idleTimeouts)
        counter(.httpWriteStalls, value: counters.writeStalls)
        counter(.httpExchangesCut, value: counters.cutExchanges)
    }

    mutating func members(_ parts: NodeServices) {
        guard let presence = parts.presence else { return }
        let members = presence.member.members
        gauge(.coordinatorRunning, value: Int64(presence.member.operationsRunning))
        gauge(.peerWaitingBytes, value: Int64(presence.member.waitingBytes))
        gauge(.peerBytesInFlight, value: Int64(presence.transport.bytesInFlight))
        for state in ["alive", "suspect", "dead", "recovering"] { gauge(.clusterMembers, state, value: 0) }
        for member in members {
            gauge(.clusterMembers, member.word, value: 1)
            guard !member.isSelf else { continue }
            gauge(.clusterNodeUp, member.nodeID, value: member.state == .alive ? 1 : 0)
            if let offset = member.clockOffsetMilliseconds {
                gauge(.peerClockOffset, member.nodeID, value: offset * 1_000_000)
            }
        }
        gauge(.ready, value: parts.readinessChecks.allSatisfy { $0.problem == nil } ? 1 : 0)
        let partitions = presence.member.partitionStates
        for state in PartitionState.allCases {
            gauge(.partitions, state.rawValue, value: Int64(partitions[state] ?? 0))
        }
        traffic(members, presence.transport)
        hints(presence.member)
        healing(presence.member)
    }

    private mutating func traffic(_ members: [MemberStatus], _ transport: HTTPPeerTransport) {
        for member in members where !member.isSelf {
            let traffic = member.address.flatMap { transport.traffic[$0] } ?? HTTPPeerTransport.Traffic()
            counter(.peerSentBytes, member.nodeID, value: traffic.sentBytes)
            counter(.peerReceivedBytes, member.nodeID, value: traffic.receivedBytes)
        }
    }

    mutating func store(_ parts: NodeServices) {
        let gauges = parts.store.gauges
        gauge(.storageWritable, value: parts.store.state == .writable ? 1 : 0)
        counter(.storageReopens, value: gauges.reopens)
        gauge(.storageCommitQueueBytes, value: Int64(gauges.queuedBytes))
        gauge(.diskFreeBytes, value: Int64(gauges.freeDiskBytes))
        gauge(.diskTotalBytes, value: Int64(gauges.totalDiskBytes))
        gauge(.rocksDBMemtableBytes, value: Int64(gauges.memtableBytes))
        gauge(.rocksDBBlockCacheBytes, value: Int64(gauges.blockCacheBytes))
        gauge(.rocksDBIndexAndFilterBytes, value: Int64(gauges.tableReaderBytes))
        gauge(.rocksDBLevelZeroFiles, value: Int64(gauges.levelZeroFiles))
        gauge(.rocksDBTableFileBytes, value: Int64(gauges.tableFileBytes))
        gauge(.rocksDBPendingCompactionBytes, value: Int64(gauges.pendingCompactionBytes))
        gauge(.rocksDBBackgroundErrors, value: Int64(gauges.backgroundErrors))
        gauge(.threadPoolQueueDepth, value: Int64(parts.workers.waitingCount))
        gauge(.tables, value: Int64(parts.tables.all.count))
        for table in parts.tables.all {
            let summary = parts.store.summary(of: table.id)
            let label = table.series.label
            gauge(.storageItems, label, value: Int64(summary.live))
            gauge(.storageTombstones, label, value: Int64(summary.tombstones))
            gauge(.storageBytes, label, value: Int64(summary.bytes))
        }
    }
}
