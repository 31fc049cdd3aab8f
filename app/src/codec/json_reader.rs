//! Parses JSON in the browser. Generates about half as much code for each type as `serde_json`, because a
//! struct is only parsed from an object, and because errors have no description. Descriptions are not needed,
//! because the input comes from the server or from the browser's own storage.

use std::{borrow::Cow, fmt};

use serde::{
    de::{
        self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer,
        MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
    },
    forward_to_deserialize_any,
};

/// The text is not JSON, or not the JSON of the expected type.
#[derive(Debug)]
pub struct InvalidJson;

type Result<T> = std::result::Result<T, InvalidJson>;

impl fmt::Display for InvalidJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid JSON")
    }
}

impl std::error::Error for InvalidJson {}

// Replaces the default methods, because they would format a description.
impl de::Error for InvalidJson {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// Parses a value. The text must contain nothing else, except space.
///
/// # Errors
/// Fails if the text is not JSON, or not the JSON of a `T`.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    let mut reader = Reader { text, position: 0 };
    let value = T::deserialize(&mut reader)?;
    reader.skip_space();
    if reader.position == text.len() { Ok(value) } else { Err(InvalidJson) }
}

struct Reader<'de> {
    text: &'de str,
    position: usize,
}

impl<'de> Reader<'de> {
    fn skip_space(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.position += 1;
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    /// Returns the next byte that is not space, without consuming it.
    fn peek(&mut self) -> Result<u8> {
        self.skip_space();
        self.byte().ok_or(InvalidJson)
    }

    /// Consumes the next byte that is not space, if that byte is `wanted`. Returns whether it was consumed.
    fn consume(&mut self, wanted: u8) -> Result<bool> {
        let is_next = self.peek()? == wanted;
        self.position += usize::from(is_next);
        Ok(is_next)
    }

    fn expect(&mut self, wanted: u8) -> Result<()> {
        if self.consume(wanted)? { Ok(()) } else { Err(InvalidJson) }
    }

    fn rest(&self) -> &'de str {
        self.text.get(self.position..).unwrap_or_default()
    }

    fn literal(&mut self, literal: &str) -> Result<()> {
        if self.rest().starts_with(literal) {
            self.position += literal.len();
            return Ok(());
        }
        Err(InvalidJson)
    }

    fn bool(&mut self) -> Result<bool> {
        let value = self.peek()? == b't';
        self.literal(if value { "true" } else { "false" })?;
        Ok(value)
    }

    fn number(&mut self) -> Result<&'de str> {
        self.skip_space();
        let rest = self.rest();
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = rest.bytes().take_while(is_part).count();
        self.position += length;
        Ok(&rest[..length])
    }

    /// Parses a floating-point number. In the browser, JavaScript parses it, because the tables of Rust's
    /// parser would add 10 kB that do not compress.
    fn float(&mut self) -> Result<f64> {
        let number = self.number()?;
        #[cfg(target_arch = "wasm32")]
        let value = js_sys::Number::parse_float(number);
        #[cfg(not(target_arch = "wasm32"))]
        let value = number.parse().unwrap_or(f64::NAN);
        if f64::is_nan(value) || number.is_empty() { Err(InvalidJson) } else { Ok(value) }
    }

    fn string(&mut self) -> Result<Cow<'de, str>> {
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
                    let low = self.code_unit()?.checked_sub(0xdc00).ok_or(InvalidJson)?;
                    code = 0x1_0000 + ((code - 0xd800) << 10) + low;
                }
                char::from_u32(code).ok_or(InvalidJson)?
            }
            _ => return Err(InvalidJson),
        })
    }

    fn code_unit(&mut self) -> Result<u32> {
        let digits = self.rest().get(..4).ok_or(InvalidJson)?;
        self.position += 4;
        u32::from_str_radix(digits, 16).map_err(|_| InvalidJson)
    }

    /// Skips a value of any kind.
    fn skip(&mut self) -> Result<()> {
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

/// Deserializes integers with Rust's parser.
macro_rules! integers {
    ($($method:ident, $visit:ident, $type:ty;)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            visitor.$visit(self.number()?.parse::<$type>().map_err(|_| InvalidJson)?)
        })+
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = InvalidJson;

    integers! {
        deserialize_u8, visit_u64, u64;
        deserialize_u16, visit_u64, u64;
        deserialize_u32, visit_u64, u64;
        deserialize_u64, visit_u64, u64;
        deserialize_i8, visit_i64, i64;
        deserialize_i16, visit_i64, i64;
        deserialize_i32, visit_i64, i64;
        deserialize_i64, visit_i64, i64;
    }

    forward_to_deserialize_any! { i128 u128 char bytes byte_buf unit_struct }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek()? {
            b'"' => self.deserialize_str(visitor),
            b'{' => self.deserialize_map(visitor),
            b'[' => self.deserialize_seq(visitor),
            b't' | b'f' => self.deserialize_bool(visitor),
            b'n' => self.deserialize_unit(visitor),
            _ => {
                let start = self.position;
                let number = self.number()?;
                if let Ok(value) = number.parse() {
                    return visitor.visit_u64(value);
                }
                if let Ok(value) = number.parse() {
                    return visitor.visit_i64(value);
                }
                self.position = start;
                visitor.visit_f64(self.float()?)
            }
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_f64(self.float()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_f64(self.float()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_bool(self.bool()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_str(&self.string()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek()? == b'n' {
            self.literal("null")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.skip_space();
        self.literal("null")?;
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.expect(b'[')?;
        let value = visitor.visit_seq(Items { reader: self, is_first: true })?;
        self.expect(b']')?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.expect(b'{')?;
        let value = visitor.visit_map(Items { reader: self, is_first: true })?;
        self.expect(b'}')?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        if self.consume(b'{')? {
            let value = visitor.visit_enum(Variant { reader: self })?;
            self.expect(b'}')?;
            return Ok(value);
        }
        visitor.visit_enum(self.string()?.into_deserializer())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.skip()?;
        visitor.visit_unit()
    }
}

/// The elements of an array or an object.
struct Items<'a, 'de> {
    reader: &'a mut Reader<'de>,
    is_first: bool,
}

impl Items<'_, '_> {
    /// Moves to the next element. Returns false at the `end`.
    fn advance(&mut self, end: u8) -> Result<bool> {
        if self.reader.peek()? == end {
            return Ok(false);
        }
        if !std::mem::replace(&mut self.is_first, false) {
            self.reader.expect(b',')?;
        }
        Ok(true)
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = InvalidJson;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.advance(b']')? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = InvalidJson;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        if self.advance(b'}')? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

/// An enum's variant with data: an object with one entry.
struct Variant<'a, 'de> {
    reader: &'a mut Reader<'de>,
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = InvalidJson;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let variant = seed.deserialize(&mut *self.reader)?;
        self.reader.expect(b':')?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = InvalidJson;

    fn unit_variant(self) -> Result<()> {
        self.reader.skip_space();
        self.reader.literal("null")
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(self.reader)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.reader.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value> {
        self.reader.deserialize_map(visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::from_json;
    use serde::{Deserialize, Serialize};
    use std::collections::BTreeMap;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    enum Shape {
        Empty,
        Size(u32),
        Pair(i64, String),
        Named { width: f64, label: Option<String> },
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Inner {
        id: u64,
        text: String,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Outer {
        #[serde(flatten)]
        inner: Inner,
        shapes: Vec<Shape>,
        map: BTreeMap<String, Option<bool>>,
        unit: (),
        tuple: (u8, i8),
        #[serde(default)]
        missing: Option<u8>,
    }

    fn outer(text: &str) -> Outer {
        Outer {
            inner: Inner { id: u64::MAX, text: text.into() },
            shapes: vec![
                Shape::Empty,
                Shape::Size(7),
                Shape::Pair(-9, "pair".into()),
                Shape::Named { width: -2.5e3, label: None },
                Shape::Named { width: 0.1, label: Some(text.into()) },
            ],
            map: BTreeMap::from([("a".into(), Some(true)), ("b".into(), None), ("c".into(), Some(false))]),
            unit: (),
            tuple: (255, -128),
            missing: None,
        }
    }

    #[test]
    fn output_of_serde_json_is_parsed() {
        for text in ["", "plain", "\"quoted\\\"", "\u{1}\n\t\r\u{8}\u{c}/", "Zoë 😀 \u{2028}", "\\u0041"] {
            let value = outer(text);
            let compact = serde_json::to_string(&value).expect("JSON");
            assert_eq!(from_json::<Outer>(&compact).expect(&compact), value);
            let pretty = serde_json::to_string_pretty(&value).expect("JSON");
            assert_eq!(from_json::<Outer>(&pretty).expect(&pretty), value);
        }
    }

    #[test]
    fn escapes_are_decoded() {
        let decoded = from_json::<String>(r#" "\u0041\ud83d\ude00\/\n" "#);
        assert_eq!(decoded.expect("a string"), "A😀/\n");
    }

    #[test]
    fn unknown_fields_are_skipped() {
        let text = r#"{"more":[{"a":[1,"]}",null]},true],"id":1,"other":{},"text":"x","last":-1.5}"#;
        assert_eq!(from_json::<Inner>(text).expect("an object"), Inner { id: 1, text: "x".into() });
    }

    #[test]
    fn invalid_texts_are_rejected() {
        for text in [
            "",
            "{",
            "[1,2",
            "[1 2]",
            "[,1]",
            "tr",
            "1 2",
            "\"open",
            r#""\x""#,
            r#""\ud83d""#,
            r#""\ud83d\u0041""#,
            "-",
            "01x",
            "nul",
            "{\"id\":1}",
            "{\"id\" 1,\"text\":\"\"}",
            "}",
            "[]]",
        ] {
            assert!(from_json::<Inner>(text).is_err(), "{text}");
            assert!(from_json::<Vec<u8>>(text).is_err(), "{text}");
            assert!(from_json::<String>(text).is_err(), "{text}");
        }
    }
}
