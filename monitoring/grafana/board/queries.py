"""PromQL for panels: targets, and the placeholders and helpers that build their expressions.

An expression may contain placeholders, which `query` expands. Each matcher placeholder leaves the brace open, so that
more matchers can follow:

    {@       the matchers of the dashboard variables job and node
    {@table  the same, and the matcher of the variable table
    {@job    the matcher of the variable job only: all nodes, whichever node is selected
    [@]      the range that Grafana computes for rates
"""

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
PLACEHOLDERS = (
    ("{@table", '{job=~"$job",node_id=~"$node",table=~"$table"'),
    ("{@job", '{job=~"$job"'),
    ("{@", '{job=~"$job",node_id=~"$node"'),
    ("[@]", "[$__rate_interval]"),
)


def query(text):
    """The expression that Grafana stores: whitespace collapsed, placeholders expanded."""
    text = " ".join(text.split())
    for placeholder, expansion in PLACEHOLDERS:
        text = text.replace(placeholder, expansion)
    return text


class Target:
    """One query of a panel. `exemplar` also fetches exemplars (trace ids); `instant` fetches only the last value."""

    def __init__(self, text, legend="", exemplar=False, instant=False, format=None, ref=None):
        self.text, self.legend, self.exemplar = text, legend, exemplar
        self.instant, self.format, self.ref = instant, format, ref

    def json(self, position):
        made = {
            "refId": self.ref or chr(ord("A") + position),
            "datasource": SOURCE,
            "expr": query(self.text),
            "legendFormat": self.legend or "__auto",
            "editorMode": "code",
            "range": not self.instant,
            "instant": self.instant,
        }
        if self.exemplar:
            made["exemplar"] = True
        if self.format:
            made["format"] = self.format
        return made


def legend_of(labels):
    """`"op, result"` becomes `"{{op}} {{result}}"`."""
    return " ".join("{{" + label.strip() + "}}" for label in labels.split(","))


def rate(family, matchers="{@}"):
    return f"rate({family}{matchers}[@])"


def total(text, legend=""):
    return Target(f"sum({text})", legend)


def per(labels, text, legend=None, function="sum"):
    """One line for each value of `labels`, which are separated by commas."""
    return Target(f"{function} by ({labels}) ({text})", legend or legend_of(labels))


def share(part, whole):
    """`part / whole`, and 0 instead of NaN while both are 0."""
    return f"{part} / clamp_min({whole}, 1e-9)"


def quantile(fraction, family, labels="", matchers="{@}"):
    """A quantile of a histogram. It sums the buckets first, because quantiles cannot be averaged."""
    by = f"{labels}, le" if labels else "le"
    return f"histogram_quantile({fraction}, sum by ({by}) (rate({family}_bucket{matchers}[@])))"


def quantile_per(labels, fraction, family, legend=None, matchers="{@}", exemplar=False):
    """A quantile for each value of `labels`, which are separated by commas."""
    return Target(quantile(fraction, family, labels, matchers), legend or legend_of(labels), exemplar)
