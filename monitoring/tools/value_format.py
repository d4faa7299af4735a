"""Formats numbers as Grafana does, for the units of our panels."""

TIMES = [(86400, "day"), (3600, "hour"), (60, "min"), (1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")]
BINARY = ["B", "KiB", "MiB", "GiB", "TiB"]
RATES = {"ops": "ops/s", "reqps": "req/s", "cps": "/s"}


def written(value, unit, decimals=None):
    if unit == "s":
        return of_time(value, decimals)
    if unit in ("bytes", "Bps"):
        return of_bytes(value, decimals) + ("/s" if unit == "Bps" else "")
    if unit == "percentunit":
        return plain(value * 100, decimals) + "%"
    if unit in RATES:
        return f"{short(value, decimals)} {RATES[unit]}"
    return short(value, decimals)


def plain(value, decimals=None):
    """Formats with three significant digits unless the number of decimals is given."""
    if decimals is not None:
        return f"{value:.{decimals}f}"
    if value == 0 or abs(value) < 1e-12:
        return "0"
    if abs(value) >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.3g}" if abs(value) >= 1e-4 else f"{value:.1e}"


def short(value, decimals=None):
    for size, suffix in ((1e9, " Bil"), (1e6, " Mil"), (1e4, " K")):
        if abs(value) >= size:
            return plain(value / (1e3 if suffix == " K" else size), decimals) + suffix
    return plain(value, decimals)


def of_time(value, decimals=None):
    for size, suffix in TIMES:
        if abs(value) >= size:
            return f"{plain(value / size, decimals)} {suffix}"
    return "0 s"


def of_bytes(value, decimals=None):
    position = 0
    while abs(value) >= 1024 and position < len(BINARY) - 1:
        value /= 1024
        position += 1
    return f"{plain(value, decimals)} {BINARY[position]}"
