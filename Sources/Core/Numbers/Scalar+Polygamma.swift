extension Scalar { static func polygamma(_ n: Int, _ x: Self) -> Self { trigamma(x) } }
