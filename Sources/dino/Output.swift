import FoundationEssentials

/// Seconds since 1970.
func now() -> Double { Date().timeIntervalSince1970 }
