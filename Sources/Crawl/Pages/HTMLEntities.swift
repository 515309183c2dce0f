/// Characters that a page writes as references, such as `&amp;` or `&#39;` (html.spec.whatwg.org,
/// 13.2.5.72 to 13.2.5.80). The names are those of HTML 4; others stay as they are written.
enum HTMLEntities {
  /// The names of U+00A0 to U+00FF, in their order. They need no semicolon.
  private static let latin = """
    nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn \
    sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave \
    Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc \
    Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute \
    THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml \
    igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave \
    uacute ucirc uuml yacute thorn yuml
    """

  /// Other names with their code points.
  private static let others = """
    OElig 152 oelig 153 Scaron 160 scaron 161 Yuml 178 fnof 192 circ 2c6 tilde 2dc Alpha 391 \
    Beta 392 Gamma 393 Delta 394 Epsilon 395 Zeta 396 Eta 397 Theta 398 Iota 399 Kappa 39a \
    Lambda 39b Mu 39c Nu 39d Xi 39e Omicron 39f Pi 3a0 Rho 3a1 Sigma 3a3 Tau 3a4 Upsilon 3a5 \
    Phi 3a6 Chi 3a7 Psi 3a8 Omega 3a9 alpha 3b1 beta 3b2 gamma 3b3 delta 3b4 epsilon 3b5 \
    zeta 3b6 eta 3b7 theta 3b8 iota 3b9 kappa 3ba lambda 3bb mu 3bc nu 3bd xi 3be omicron 3bf \
    pi 3c0 rho 3c1 sigmaf 3c2 sigma 3c3 tau 3c4 upsilon 3c5 phi 3c6 chi 3c7 psi 3c8 omega 3c9 \
    thetasym 3d1 upsih 3d2 piv 3d6 ensp 2002 emsp 2003 thinsp 2009 zwnj 200c zwj 200d lrm 200e \
    rlm 200f ndash 2013 mdash 2014 lsquo 2018 rsquo 2019 sbquo 201a ldquo 201c rdquo 201d \
    bdquo 201e dagger 2020 Dagger 2021 bull 2022 hellip 2026 permil 2030 prime 2032 Prime 2033 \
    lsaquo 2039 rsaquo 203a oline 203e frasl 2044 euro 20ac image 2111 weierp 2118 real 211c \
    trade 2122 alefsym 2135 larr 2190 uarr 2191 rarr 2192 darr 2193 harr 2194 crarr 21b5 \
    lArr 21d0 uArr 21d1 rArr 21d2 dArr 21d3 hArr 21d4 forall 2200 part 2202 exist 2203 \
    empty 2205 nabla 2207 isin 2208 notin 2209 ni 220b prod 220f sum 2211 minus 2212 lowast 2217 \
    radic 221a prop 221d infin 221e ang 2220 and 2227 or 2228 cap 2229 cup 222a int 222b \
    there4 2234 sim 223c cong 2245 asymp 2248 ne 2260 equiv 2261 le 2264 ge 2265 sub 2282 \
    sup 2283 nsub 2284 sube 2286 supe 2287 oplus 2295 otimes 2297 perp 22a5 sdot 22c5 lceil 2308 \
    rceil 2309 lfloor 230a rfloor 230b lang 2329 rang 232a loz 25ca spades 2660 clubs 2663 \
    hearts 2665 diams 2666
    """

  /// Names that need no semicolon, and those that do.
  private static let short: [String: UInt32] = {
    let basic: [(String, UInt32)] = [
      ("amp", 38), ("AMP", 38), ("lt", 60), ("LT", 60), ("gt", 62), ("GT", 62), ("quot", 34),
      ("QUOT", 34),
    ]
    let names = latin.split(separator: " ").enumerated().map { (String($1), UInt32($0 + 160)) }
    return Dictionary(uniqueKeysWithValues: basic + names)
  }()
  private static let long: [String: UInt32] = {
    let words = others.split(separator: " ")
    let pairs = stride(from: 0, to: words.count, by: 2).map {
      (String(words[$0]), UInt32(words[$0 + 1], radix: 16)!)
    }
    let more: [(String, UInt32)] = [
      ("apos", 39), ("sol", 47), ("colon", 58), ("commat", 64), ("num", 35), ("equals", 61),
      ("quest", 63), ("excl", 33), ("percnt", 37), ("lowbar", 95), ("period", 46), ("comma", 44),
      ("Tab", 9), ("NewLine", 10), ("lpar", 40), ("rpar", 41), ("plus", 43), ("semi", 59),
    ]
    return Dictionary(uniqueKeysWithValues: pairs + more)
  }()
  private static let longestName = 8

  /// What Windows-1252 has at 0x80 to 0x9F, which such numbers are taken for.
  private static let windows: [UInt32] = [
    0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039,
    0x152, 0x8D, 0x17D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC,
    0x2122, 0x161, 0x203A, 0x153, 0x9D, 0x17E, 0x178,
  ]

  /// Returns the value of an attribute that is written like this in UTF-8.
  static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
    guard bytes.contains(UInt8(ascii: "&")) else { return String(decoding: bytes, as: UTF8.self) }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var rest = bytes
    while let sign = rest.firstIndex(of: UInt8(ascii: "&")) {
      result += rest[..<sign]
      rest = rest[(sign + 1)...]
      if let (scalar, end) = reference(rest) {
        result += Array(String(Character(scalar)).utf8)
        rest = rest[end...]
      } else {
        result.append(UInt8(ascii: "&"))
      }
    }
    result += rest
    return String(decoding: result, as: UTF8.self)
  }

  /// The character that what follows an `&` stands for, and the place behind it.
  private static func reference(
    _ rest: ArraySlice<UInt8>
  ) -> (scalar: Unicode.Scalar, end: Int)? {
    if rest.first == UInt8(ascii: "#") { return number(rest.dropFirst()) }
    let name = rest.prefix(longestName + 1).prefix(while: ASCII.isLetterOrDigit)
    let text = String(decoding: name, as: UTF8.self)
    let following = name.endIndex < rest.endIndex ? rest[name.endIndex] : 0
    if following == UInt8(ascii: ";"), let code = short[text] ?? long[text] {
      return (Unicode.Scalar(code)!, name.endIndex + 1)
    }
    // In an attribute, a name without a semicolon counts only if nothing follows that could make it
    // a part of an address, as in `?a=1&copy=2`.
    guard following != UInt8(ascii: "="), let code = short[text] else { return nil }
    return (Unicode.Scalar(code)!, name.endIndex)
  }

  private static func number(
    _ rest: ArraySlice<UInt8>
  ) -> (scalar: Unicode.Scalar, end: Int)? {
    let isHex = rest.first.map(ASCII.lowered) == UInt8(ascii: "x")
    let digits = (isHex ? rest.dropFirst() : rest).prefix {
      isHex ? ASCII.hex($0) != nil : ASCII.isDigit($0)
    }
    guard !digits.isEmpty else { return nil }
    var code: UInt32 = 0
    for digit in digits {
      code = min(code * (isHex ? 16 : 10) + UInt32(ASCII.hex(digit)!), 0x11_0000)
    }
    let isClosed =
      digits.endIndex < rest.endIndex && rest[digits.endIndex] == UInt8(ascii: ";")
    if (0x80...0x9F).contains(code) { code = windows[Int(code) - 0x80] }
    let scalar = code == 0 ? nil : Unicode.Scalar(code)
    return (scalar ?? "\u{FFFD}", digits.endIndex + (isClosed ? 1 : 0))
  }
}
