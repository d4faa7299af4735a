/// A table of text with aligned columns and a header line.
struct Grid {
    enum Alignment { case left, right }

    struct Column {
        let title: String
        var alignment = Alignment.left
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "a row has one cell for each column")
        rows.append(cells.map(printable))
    }

    /// The table's header and all rows as text, each line with its line feed. Widths are counted in characters, so
    /// characters that take two terminal columns, such as Chinese ones, shift the columns behind them.
    var text: String {
        let lines = [columns.map(\.title)] + rows
        let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line($0, widths) + "\n" }.joined()
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let padding = String(repeating: " ", count: widths[index] - cell.count)
            let isLast = index == cells.count - 1
            switch columns[index].alignment {
            case .left: line += cell + (isLast ? "" : padding)
            case .right: line += padding + cell
            }
            if !isLast { line += "  " }
        }
        return line
    }
}
