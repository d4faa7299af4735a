// The one home of metric names, help texts, labels and buckets. The names, labels and buckets of the first three are
// read by dashboards and alerts outside this repository: they never change, what is missing gets a new name.
//
// A family is on the page once it has a sample; the order here is the order there.

extension MetricFamily {
    package static let catalogue: [MetricFamily] =
        requests + connections + replication + hints + healing + coordinator + members + eventLoop + storage + rocksDB
        + tracing + node + scrapes + process

    private static let requests = [
        httpRequests, httpRequestDuration, itemOperations, itemNotFound, httpResponses, httpRequestLatency,
        slowRequests, httpRejections, requestsShed, httpRequestBytes, httpResponseBytes, httpInvalidRequestIDs,
        metricsSeriesLimited,
    ]
    private static let connections = [
        httpConnections, httpConnectionsAccepted, httpConnectionsRefused, httpRequestsInFlight, httpHeldBodyBytes,
        httpAcceptFailures, httpIdleTimeouts, httpWriteStalls, httpExchangesCut,
    ]
    private static let replication = [
        replicationSend, replicationSendDuration, replicationReceived, replicationReceivedDuration,
        peerMessagesRefused, peerSentBytes, peerReceivedBytes,
    ]
    private static let hints = [
        hintsPending, hintBytes, hintOldest, hintsStored, hintsDelivered, hintsSuperseded, hintsDropped, hintReplays,
        hintReplayOps, hintReplayDuration,
    ]
    private static let healing = [
        readRepairs, antiEntropyComparisons, antiEntropyKeys, divergentKeys, divergenceAge, tombstonesPurged,
        purgeBlockedPartitions, recovering, recoveryPartitionsWhole, recoveryPartitions,
    ]
    private static let coordinator = [
        coordinatorRequests, coordinatorRequestDuration, coordinatorRemoteReads, coordinatorRemoteReadDuration,
        coordinatorRunning, coordinatorHedges, coordinatorWriteBacks, versionConflicts,
    ]
    private static let members = [
        clusterMembers, clusterNodeUp, partitions, ready, tables, peerClockOffset, peerWaitingBytes,
        peerBytesInFlight,
    ]
    private static let eventLoop = [
        eventLoopLag, eventLoopStalls, eventLoopIteration, eventLoopIdle, threadPoolQueueDepth,
    ]
    private static let storage = [
        storageCommitBatches, storageCommitBatchOperations, storageCommitBytes, storageCommitLookups,
        storageCommitDuration, storageFsyncDuration, storageCommitQueueBytes, storageReads, storageReadDuration,
        storageOpen, storageWritable, storageReopens, storageItems, storageTombstones, storageBytes, diskFreeBytes,
        diskTotalBytes,
    ]
    private static let rocksDB = [
        rocksDBMemtableBytes, rocksDBBlockCacheBytes, rocksDBIndexAndFilterBytes, rocksDBLevelZeroFiles,
        rocksDBTableFileBytes, rocksDBPendingCompactionBytes, rocksDBBackgroundErrors,
    ]
}

// MARK: Buckets

extension MetricFamily {
    private static let microsecond: UInt64 = 1_000
    private static let millisecond: UInt64 = 1_000_000

    /// 1 ms to 10 s.
    static let requestBounds = [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000]
        .map { $0 * millisecond }
    /// 50 us to 1 s: what a disk and a loop do is below the first bucket of a request.
    static let fineBounds = [
        50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000,
    ].map { $0 * microsecond }
    /// 10 ms to an hour: a page of hints, or all that a night has left.
    private static let replayBounds = [
        10, 50, 100, 500, 1_000, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000,
    ].map { $0 * millisecond }
    /// 64 B to 1 MiB, the largest item by default.
    private static let sizeBounds: [UInt64] = [64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576]
    private static let batchBounds: [UInt64] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024]
}

// MARK: Requests

extension MetricFamily {
    private static let requestLabels = ["method", "operation", "status", "table"]
    private static let dropped =
        "The series of a dropped table stay for one minute, then go; tables over the limit share table=\"__other__\"."

    package static let httpRequests = counter(
        "hedgehog_http_requests_total", "HTTP requests answered. " + dropped, labels: requestLabels)
    package static let httpRequestDuration = histogram(
        "hedgehog_http_request_duration_seconds",
        "Time from the first byte of a request to its answer handed over. " + dropped,
        labels: requestLabels, unit: .seconds, bounds: requestBounds)
    package static let itemOperations = counter(
        "hedgehog_item_operations_total",
        "Gets, puts and deletes of items; success is a status below 400. " + dropped,
        labels: ["operation", "result", "table"])
    package static let itemNotFound = counter(
        "hedgehog_item_not_found_total", "Gets and deletes of items that an existing table does not hold. " + dropped,
        labels: ["operation", "table"])
    package static let httpResponses = counter(
        "hedgehog_http_responses_total", "Requests answered, by the exact status code; 499 is a client that went away.",
        labels: ["operation", "code"])
    package static let httpRequestLatency = histogram(
        "hedgehog_http_request_latency_seconds",
        "The same time as hedgehog_http_request_duration_seconds, in buckets fine enough for answers from memory.",
        labels: ["operation"], unit: .seconds, bounds: fineBounds)
    package static let slowRequests = counter(
        "hedgehog_slow_requests_total", "Requests that took longer than --slow-ms; each has a line in the log.",
        labels: ["operation"])
    package static let httpRejections = counter(
        "hedgehog_http_rejections_total", "Requests refused before anybody looked at what they asked for.",
        labels: ["reason"])
    package static let requestsShed = counter(
        "hedgehog_requests_shed_total",
        "Requests answered 503 to keep the node alive: too much waits for the disk (queue_full) or for the workers, "
            + "too many connections or bodies are open (crowded), or the node is going away (draining).",
        labels: ["reason"])
    package static let httpRequestBytes = histogram(
        "hedgehog_http_request_bytes", "Bytes of a request, head and body.", unit: .plain, bounds: sizeBounds)
    package static let httpResponseBytes = histogram(
        "hedgehog_http_response_bytes", "Bytes of a response body.", unit: .plain, bounds: sizeBounds)
    package static let httpInvalidRequestIDs = counter(
        "hedgehog_http_invalid_request_ids_total", "Requests whose X-Request-ID was refused and replaced.")
    package static let metricsSeriesLimited = counter(
        "hedgehog_metrics_series_limited_total", "Tables that share table=\"__other__\" because the limit was reached.")
}

// MARK: Replication

extension MetricFamily {
    package static let replicationSend = counter(
        "hedgehog_replication_send_total",
        "Puts and deletes for a member, one an operation: success when acknowledged, or when it holds a newer version; "
            + "failure when it refused or did not answer in time; node_down when it was dead and nothing was sent.",
        labels: ["op", "target_node", "result"])
    package static let replicationSendDuration = histogram(
        "hedgehog_replication_send_duration_seconds",
        "Time from handing a put or delete over for a member to its answer, or to the end of the wait for it.",
        labels: ["op", "target_node"], unit: .seconds, bounds: requestBounds)
    package static let replicationReceived = counter(
        "hedgehog_replication_received_total", "Operations received from members, by what became of them here.",
        labels: ["op", "result"])
    package static let replicationReceivedDuration = histogram(
        "hedgehog_replication_received_duration_seconds",
        "Time from an operation's arrival from a member to its answer.",
        labels: ["op", "result"], unit: .seconds, bounds: requestBounds)
    package static let peerMessagesRefused = counter(
        "hedgehog_peer_messages_refused_total",
        "Messages of other nodes that were refused whole, before anything in them was done.", labels: ["reason"])
    package static let peerSentBytes = counter(
        "hedgehog_peer_sent_bytes_total", "Bytes of the messages sent to a member at its present address.",
        labels: ["target_node"])
    package static let peerReceivedBytes = counter(
        "hedgehog_peer_received_bytes_total",
        "Bytes of a member's answers to the messages sent to its present address.", labels: ["target_node"])
}

// MARK: Hints

extension MetricFamily {
    private static let durable = "Kept on disk with the hints, so it counts on across restarts of this node."

    package static let hintsPending = gauge(
        "hedgehog_replication_hinted_handoff_pending", "Hints kept now for a member that missed writes.",
        labels: ["target_node"])
    package static let hintBytes = gauge(
        "hedgehog_replication_hint_bytes", "Bytes of the hints kept now for a member.", labels: ["target_node"])
    package static let hintOldest = gauge(
        "hedgehog_replication_hint_oldest_timestamp_seconds",
        "No hint kept now for a member was stored before this, since 1970; 0 when there is none. Since then there has "
            + "always been one.",
        labels: ["target_node"], unit: .seconds)
    // No label says why: the account that these come from closes, across restarts, which it could not by reason. How
    // many sends failed for which reason is what hedgehog_replication_send_total counts.
    package static let hintsStored = counter(
        "hedgehog_replication_hints_stored_total",
        "Hints stored for a member: delivered, superseded, expired and pending ones add up to it. " + durable,
        labels: ["target_node"])
    package static let hintsDelivered = counter(
        "hedgehog_replication_hints_delivered_total",
        "Hints that their member has taken, or held something newer than. " + durable, labels: ["target_node"])
    package static let hintsSuperseded = counter(
        "hedgehog_replication_hints_superseded_total",
        "Hints that a newer hint for the same key replaced, or whose table was deleted. " + durable,
        labels: ["target_node"])
    package static let hintsDropped = counter(
        "hedgehog_replication_hints_dropped_total",
        "Writes that anti-entropy owes a member: the hint was expired, older than the hint window, by the account on "
            + "disk; or it was never stored, because of the limit (--hint-budget), the disk, or the queue to it.",
        labels: ["target_node", "reason"])
    package static let hintReplays = counter(
        "hedgehog_replication_hint_replay_total",
        "Walks through the hints of a member that had something to do: success when it got to the end, failure when "
            + "some hint was not taken.",
        labels: ["target_node", "result"])
    package static let hintReplayOps = counter(
        "hedgehog_replication_hint_replay_ops_total", "Puts and deletes that a member has taken from hints.",
        labels: ["target_node", "op"])
    package static let hintReplayDuration = histogram(
        "hedgehog_replication_hint_replay_duration_seconds",
        "Time of a walk through the hints of a member that had something to do.", unit: .seconds, bounds: replayBounds)
}

// MARK: Healing

extension MetricFamily {
    package static let readRepairs = counter(
        "hedgehog_read_repair_total", "Replicas that a read found behind, by whether they took what they lacked.",
        labels: ["result"])
    package static let antiEntropyComparisons = counter(
        "hedgehog_anti_entropy_comparisons_total",
        "Comparisons with a member: equal; repaired when something differed; failed when it did not get to its end.",
        labels: ["target_node", "result"])
    package static let antiEntropyKeys = counter(
        "hedgehog_anti_entropy_keys_total",
        "Keys that comparisons mended: pulled from the member, pushed to it, or dropped because it has purged them.",
        labels: ["target_node", "direction"])
    package static let divergentKeys = gauge(
        "hedgehog_divergent_keys",
        "Keys that differed from a member's when they were last compared, those written just before left out; 0 before "
            + "the first comparison.",
        labels: ["target_node"])
    package static let divergenceAge = gauge(
        "hedgehog_divergence_age_seconds", "How old the oldest of the divergent keys was at that comparison.",
        labels: ["target_node"], unit: .seconds)
    package static let tombstonesPurged = counter(
        "hedgehog_tombstones_purged_total", "Old deletes that this node has had forgotten by all replicas.")
    package static let purgeBlockedPartitions = gauge(
        "hedgehog_purge_blocked_partitions",
        "Partitions led by this node whose old deletes cannot be forgotten now; cluster/status says why.")
    package static let recovering = gauge(
        "hedgehog_recovering", "1 while this node's disk lacks what it once held: it stores, and does not vote.")
    package static let recoveryPartitionsWhole = gauge(
        "hedgehog_recovery_partitions_whole", "Partitions that are whole again, while this node recovers; else 0.")
    package static let recoveryPartitions = gauge(
        "hedgehog_recovery_partitions", "Partitions that are to become whole, while this node recovers; else 0.")
}

// MARK: Coordinator

extension MetricFamily {
    package static let coordinatorRequests = counter(
        "hedgehog_coordinator_requests_total",
        "Operations coordinated here: ok; quorum_failed when too few replicas answered well; timeout when too few "
            + "answered in time; unavailable when nothing could be asked.",
        labels: ["op", "consistency", "result"])
    package static let coordinatorRequestDuration = histogram(
        "hedgehog_coordinator_request_duration_seconds", "Time of an operation coordinated here, from start to answer.",
        labels: ["op", "consistency"], unit: .seconds, bounds: fineBounds)
    package static let coordinatorRemoteReads = counter(
        "hedgehog_coordinator_remote_reads_total", "Items and versions that operations here asked of a member.",
        labels: ["target_node", "result"])
    package static let coordinatorRemoteReadDuration = histogram(
        "hedgehog_coordinator_remote_read_duration_seconds",
        "Time from asking a member for an item or a version to its answer, or to the end of the wait for it.",
        labels: ["target_node"], unit: .seconds, bounds: fineBounds)
    package static let coordinatorRunning = gauge(
        "hedgehog_coordinator_operations_running", "Operations coordinated here that are not answered yet.")
    package static let coordinatorHedges = counter(
        "hedgehog_coordinator_hedges_total",
        "Times that further replicas were asked because the first ones were slow.")
    package static let coordinatorWriteBacks = counter(
        "hedgehog_coordinator_write_backs_total",
        "Strong reads that first had to bring the version they return to a write quorum.")
    package static let versionConflicts = counter(
        "hedgehog_version_conflicts_total",
        "Times that two replicas held one version with different values: a fault of ours, or of a disk.")
}

// MARK: Members

extension MetricFamily {
    package static let clusterMembers = gauge(
        "hedgehog_cluster_members", "Members by state as this node sees them, itself included.", labels: ["state"])
    package static let clusterNodeUp = gauge(
        "hedgehog_cluster_node_up", "1 while this node takes the member for alive.", labels: ["target_node"])
    package static let partitions = gauge(
        "hedgehog_partitions",
        "Partitions by state as this node sees their replicas: ok when all are alive; under_replicated when at least "
            + "as many as the larger quorum are; unavailable when fewer are.",
        labels: ["state"])
    package static let ready = gauge("hedgehog_ready", "1 while /readyz says that this node should be sent requests.")
    package static let tables = gauge("hedgehog_tables", "Tables that exist, as this node knows.")
    package static let peerClockOffset = gauge(
        "hedgehog_peer_clock_offset_seconds", "How far a member's wall clock is ahead of ours, less the way there.",
        labels: ["target_node"], unit: .seconds)
    package static let peerWaitingBytes = gauge(
        "hedgehog_peer_waiting_bytes", "Bytes of operations that wait to be sent to members.")
    package static let peerBytesInFlight = gauge(
        "hedgehog_peer_bytes_in_flight", "Bytes of messages to members that are not answered yet.")
}

// MARK: Connections and loop

extension MetricFamily {
    package static let httpConnections = gauge(
        "hedgehog_http_connections", "Connections now, by state.", labels: ["state"])
    package static let httpConnectionsAccepted = counter(
        "hedgehog_http_connections_accepted_total", "Connections accepted.")
    package static let httpConnectionsRefused = counter(
        "hedgehog_http_connections_refused_total", "Connections refused because too many were open.")
    package static let httpRequestsInFlight = gauge(
        "hedgehog_http_requests_in_flight", "Requests received in full and not yet answered.")

    package static let httpHeldBodyBytes = gauge(
        "hedgehog_http_held_body_bytes", "Memory of request bodies that are still arriving.")
    package static let httpAcceptFailures = counter(
        "hedgehog_http_accept_failures_total", "Connections left waiting because no file descriptor was to be had.")
    package static let httpIdleTimeouts = counter(
        "hedgehog_http_idle_timeouts_total", "Connections closed because nothing was asked on them for too long.")
    package static let httpWriteStalls = counter(
        "hedgehog_http_write_stalls_total", "Connections cut because the client did not read its answer.")
    package static let httpExchangesCut = counter(
        "hedgehog_http_exchanges_cut_total", "Requests whose connection broke before the answer was complete.")

    package static let eventLoopLag = histogram(
        "hedgehog_event_loop_lag_seconds", "How late the loop ran a timer.", unit: .seconds, bounds: fineBounds)
    package static let eventLoopStalls = counter(
        "hedgehog_event_loop_stalls_total", "Times the loop was late by more than 50 ms.")
    package static let eventLoopIteration = histogram(
        "hedgehog_event_loop_iteration_seconds",
        "Time of one turn of the loop without its sleep: what an event that comes meanwhile has to wait at most.",
        unit: .seconds, bounds: fineBounds)
    package static let eventLoopIdle = counter(
        "hedgehog_event_loop_idle_seconds_total", "Time that the loop slept because there was nothing to do.",
        unit: .seconds)
    package static let threadPoolQueueDepth = gauge(
        "hedgehog_threadpool_queue_depth", "Jobs that wait for a worker thread.")
}

// MARK: Storage

extension MetricFamily {
    package static let storageCommitBatches = counter(
        "hedgehog_storage_commit_batches_total", "Batches the commit thread has written.")
    package static let storageCommitBatchOperations = histogram(
        "hedgehog_storage_commit_batch_operations", "Operations in one batch.", unit: .plain, bounds: batchBounds)
    package static let storageCommitBytes = counter(
        "hedgehog_storage_commit_bytes_total", "Bytes of the operations committed.")
    package static let storageCommitLookups = counter(
        "hedgehog_storage_commit_lookups_total", "Versions the commit thread had to ask RocksDB for.")
    package static let storageCommitDuration = histogram(
        "hedgehog_storage_commit_duration_seconds", "Time to commit one batch, fsync included.",
        unit: .seconds, bounds: fineBounds)
    package static let storageFsyncDuration = histogram(
        "hedgehog_storage_fsync_duration_seconds", "Time to write and sync one batch.",
        unit: .seconds, bounds: fineBounds)
    package static let storageCommitQueueBytes = gauge(
        "hedgehog_storage_commit_queue_bytes", "Bytes that wait for the commit thread.")
    package static let storageReads = counter(
        "hedgehog_storage_reads_total", "Item reads by where they were answered: from memory, or by a worker.",
        labels: ["source"])
    package static let storageReadDuration = histogram(
        "hedgehog_storage_read_duration_seconds",
        "Time of an item read that memory could not answer, from when a worker took it up.",
        unit: .seconds, bounds: fineBounds)
    package static let storageOpen = gauge(
        "hedgehog_storage_open_seconds", "How long the store took to open, the recovery of its log included.",
        unit: .seconds)
    package static let storageWritable = gauge(
        "hedgehog_storage_writable", "1 while writes are taken, 0 while they are refused.")
    package static let storageReopens = counter(
        "hedgehog_storage_reopens_total", "Times the database was reopened after its disk had failed.")
    package static let storageItems = gauge("hedgehog_storage_items", "Live items held.", labels: ["table"])
    package static let storageTombstones = gauge(
        "hedgehog_storage_tombstones", "Deleted items still remembered.", labels: ["table"])
    package static let storageBytes = gauge(
        "hedgehog_storage_bytes", "Bytes of the live items held.", labels: ["table"])
    package static let diskFreeBytes = gauge(
        "hedgehog_disk_free_bytes", "Bytes free on the file system of the data directory.")
    package static let diskTotalBytes = gauge(
        "hedgehog_disk_total_bytes", "Bytes that the file system of the data directory holds.")

    package static let rocksDBMemtableBytes = gauge("hedgehog_rocksdb_memtable_bytes", "Bytes in memtables.")
    package static let rocksDBBlockCacheBytes = gauge("hedgehog_rocksdb_block_cache_bytes", "Bytes in the block cache.")
    package static let rocksDBIndexAndFilterBytes = gauge(
        "hedgehog_rocksdb_index_and_filter_bytes", "Bytes of indexes and filters outside the block cache.")
    package static let rocksDBLevelZeroFiles = gauge(
        "hedgehog_rocksdb_level_zero_files", "Table files that wait for their first compaction.")
    package static let rocksDBTableFileBytes = gauge(
        "hedgehog_rocksdb_table_file_bytes", "Bytes of the table files on disk.")
    package static let rocksDBPendingCompactionBytes = gauge(
        "hedgehog_rocksdb_pending_compaction_bytes", "Bytes that compaction still has to rewrite.")
    package static let rocksDBBackgroundErrors = gauge(
        "hedgehog_rocksdb_background_errors", "Errors of flushes and compactions since the database was opened.")
}
