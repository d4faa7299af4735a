internal import Observability

/// The names of settings in the environment and in the configuration file, for the detection of misspelled ones.
enum SettingName {
    enum Source {
        case environment, file

        fileprivate var names: [String] {
            switch self {
            case .environment:
                Setting.allCases.map(\.environmentName) + TracingSettings.OwnVariable.allCases.map(\.rawValue)
                    + otherVariables
            case .file: Setting.allCases.map(\.rawValue)
            }
        }
    }

    private static let prefix = "HEDGEHOG_"
    /// Environment variables that have the prefix of settings but belong to `hedgehogctl`. An operator may export them
    /// in the shell that starts the node.
    private static let otherVariables = ["HEDGEHOG_URL"]
    /// A valid name is suggested for a misspelled one only if at most this many letters differ.
    private static let maximumDistance = 3

    /// Whether `name` begins like the variables of this program and is none of them. The variables that Kubernetes
    /// sets for a service with the name `hedgehog` or `hedgehog-...` do not count: nobody wrote them.
    static func isUnknownVariable(_ name: String, _ value: String) -> Bool {
        guard name.uppercased().hasPrefix(prefix), !value.isEmpty else { return false }
        return !Source.environment.names.contains(name) && !isOfKubernetes(name, value)
    }

    /// Returns advice about a misspelled setting: the most similar valid name, or where all names are listed.
    static func advice(for name: String, among source: Source) -> String {
        let wanted = source == .environment ? name.uppercased() : name.lowercased()
        let distances = source.names.map { (name: $0, distance: editDistance(wanted, $0)) }
        let nearest = distances.min { $0.distance < $1.distance }
        guard let nearest, nearest.distance <= maximumDistance else { return "see hedgehogdb --help for all names" }
        return "did you mean \(nearest.name)? See hedgehogdb --help for all names"
    }

    /// Kubernetes sets, for each service, NAME_SERVICE_HOST, NAME_SERVICE_PORT[_PORTNAME], NAME_PORT=tcp://ADDRESS and
    /// NAME_PORT_NUMBER_TCP[_PROTO|_PORT|_ADDR].
    private static func isOfKubernetes(_ name: String, _ value: String) -> Bool {
        if name.hasSuffix("_SERVICE_HOST") || name.contains("_SERVICE_PORT") { return true }
        if name.hasSuffix("_PORT"), value.contains("://") { return true }
        let parts = name.split(separator: "_")
        guard let port = parts.lastIndex(of: "PORT", before: parts.count - 2) else { return false }
        return Int(parts[port + 1]) != nil && ["TCP", "UDP", "SCTP"].contains(parts[port + 2])
    }

    /// The Levenshtein distance: the number of letters to insert, remove or replace.
    private static func editDistance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (letter == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}

extension [Substring] {
    /// The index of the last element before index `end` that equals `word`, or nil.
    fileprivate func lastIndex(of word: Substring, before end: Int) -> Int? {
        end > 0 ? self[..<end].lastIndex(of: word) : nil
    }
}
