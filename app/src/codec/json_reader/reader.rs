use std::borrow::Cow;

use super::invalid_json::{InvalidJson, Result};

/// A cursor in a JSON text, which consumes one token at a time.
pub(super) struct Reader<'de> {
    pub text: &'de str,
    /// The index of the next byte.
    pub position: usize,
}

impl<'de> Reader<'de> {
    pub fn skip_space(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.position += 1;
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    /// Returns the next byte that is not whitespace, without consuming it.
    pub fn peek(&mut self) -> Result<u8> {
        self.skip_space();
        self.byte().ok_or(InvalidJson)
    }

    /// Consumes the next byte that is not whitespace, if that byte is `wanted`. Returns whether it was
    /// consumed.
    pub fn consume(&mut self, wanted: u8) -> Result<bool> {
        let is_next = self.peek()? == wanted;
        self.position += usize::from(is_next);
        Ok(is_next)
    }

    /// Consumes the next byte that is not whitespace. Fails if that byte is not `wanted`.
    pub fn expect(&mut self, wanted: u8) -> Result<()> {
        if self.consume(wanted)? { Ok(()) } else { Err(InvalidJson) }
    }

    fn rest(&self) -> &'de str {
        self.text.get(self.position..).unwrap_or_default()
    }

    /// Consumes `literal`, which must start at the current position.
    pub fn literal(&mut self, literal: &str) -> Result<()> {
        if self.rest().starts_with(literal) {
            self.position += literal.len();
            return Ok(());
        }
        Err(InvalidJson)
    }

    pub fn bool(&mut self) -> Result<bool> {
        let value = self.peek()? == b't';
        self.literal(if value { "true" } else { "false" })?;
        Ok(value)
    }

    /// Consumes the characters of a number. Returns an empty string if there are none.
    pub fn number(&mut self) -> Result<&'de str> {
        self.skip_space();
        let rest = self.rest();
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = rest.bytes().take_while(is_part).count();
        self.position += length;
        Ok(&rest[..length])
    }

    /// Parses a floating-point number. In the browser, JavaScript parses it, because the tables of Rust's
    /// parser would add 10 kB that do not compress.
    pub fn float(&mut self) -> Result<f64> {
        let number = self.number()?;
        #[cfg(target_arch = "wasm32")]
        let value = js_sys::Number::parse_float(number);
        #[cfg(not(target_arch = "wasm32"))]
        let value = number.parse().unwrap_or(f64::NAN);
        if f64::is_nan(value) || number.is_empty() { Err(InvalidJson) } else { Ok(value) }
    }

    pub fn string(&mut self) -> Result<Cow<'de, str>> {
        self.expect(b'"')?;
        let mut unescaped = String::new();
        loop {
            let rest = self.rest();
            let end = rest.find(['"', '\\']).ok_or(InvalidJson)?;
            let plain = &rest[..end];
            self.position += end + 1;
            if rest.as_bytes()[end] == b'"' {
                if unescaped.is_empty() {
                    return Ok(Cow::Borrowed(plain));
                }
                unescaped.push_str(plain);
                return Ok(Cow::Owned(unescaped));
            }
            unescaped.push_str(plain);
            unescaped.push(self.escape()?);
        }
    }

    /// Parses the part of an escape sequence after the backslash.
    fn escape(&mut self) -> Result<char> {
        let escape = self.byte().ok_or(InvalidJson)?;
        self.position += 1;
        Ok(match escape {
            b'"' | b'\\' | b'/' => escape.into(),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut code = self.code_unit()?;
                if (0xd800..0xdc00).contains(&code) {
                    self.literal("\\u")?;
                    let low = self.code_unit()?;
                    if !(0xdc00..0xe000).contains(&low) {
                        return Err(InvalidJson);
                    }
                    code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                }
                char::from_u32(code).ok_or(InvalidJson)?
            }
            _ => return Err(InvalidJson),
        })
    }

    /// Parses the four hexadecimal digits of a UTF-16 code unit.
    fn code_unit(&mut self) -> Result<u32> {
        let digits = self.rest().get(..4).ok_or(InvalidJson)?;
        // `from_str_radix` also accepts a sign.
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(InvalidJson);
        }
        self.position += 4;
        u32::from_str_radix(digits, 16).map_err(|_| InvalidJson)
    }

    /// Skips a value of any kind.
    pub fn skip(&mut self) -> Result<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => drop(self.string()?),
                b'{' | b'[' => {
                    depth += 1;
                    self.position += 1;
                    continue;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1).ok_or(InvalidJson)?;
                    self.position += 1;
                }
                b',' | b':' if depth > 0 => {
                    self.position += 1;
                    continue;
                }
                b't' => self.literal("true")?,
                b'f' => self.literal("false")?,
                b'n' => self.literal("null")?,
                _ => {
                    if self.number()?.is_empty() {
                        return Err(InvalidJson);
                    }
                }
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }
}
