internal import Cluster
internal import Reactor
internal import Storage

extension NodeDescription {
    init(_ store: Store, _ configuration: NodeConfiguration, advertise: SocketAddress) {
        self.init(
            nodeID: configuration.nodeID, address: advertise.description, storeID: store.storeID,
            bootCounter: store.bootCounter, bootNonce: .random(in: 0...UInt64.max),
            durableSequence: store.durableSequence)
    }
}
