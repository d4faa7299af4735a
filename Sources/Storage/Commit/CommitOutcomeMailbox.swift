internal import Base

/// Passes commit outcomes from the commit thread to the event loop. It holds at most one result for each command
/// submitted, and one outcome for each change of the store's state, since the loop last emptied it.
final class CommitOutcomeMailbox: Sendable {
    private let outcomes = Locked<[CommitOutcome]>([])
    private let wake: @Sendable () -> Void

    /// `wake` is called on the commit thread after every outcome; it makes the loop call `takeAll`.
    init(wake: @escaping @Sendable () -> Void) {
        self.wake = wake
    }

    /// Adds an outcome and wakes the event loop. Called on the commit thread.
    func post(_ outcome: CommitOutcome) {
        outcomes.withLock { $0.append(outcome) }
        wake()
    }

    /// Removes and returns all outcomes, oldest first. Called on the event loop.
    func takeAll() -> [CommitOutcome] {
        outcomes.withLock { outcomes in
            let taken = outcomes
            outcomes = []
            return taken
        }
    }
}
