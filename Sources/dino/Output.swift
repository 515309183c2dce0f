import FoundationEssentials

/// Returns the current time in seconds since 1970.
func now() -> Double { Date().timeIntervalSince1970 }
