//! The input of a call: its fields in their order, each value as it stands in the text.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// A field of an input.
#[derive(Debug, Clone)]
pub struct Field<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its value as JSON.
    pub value: &'a RawValue,
}

/// The input of a call; none where it is no object.
#[derive(Debug, Clone, Default)]
pub struct Input<'a> {
    fields: Option<Vec<Field<'a>>>,
}

/// A text that is borrowed where it stands without escapes.
#[derive(Debug, Clone, serde::Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl<'a> Input<'a> {
    /// The fields.
    pub fn fields(&self) -> &[Field<'a>] {
        self.fields.as_deref().unwrap_or_default()
    }

    /// Whether it is an object.
    pub fn is_there(&self) -> bool {
        self.fields.is_some()
    }

    /// The input as values; of fields with one name the last counts, as for the client.
    pub fn to_map(&self) -> Map<String, Value> {
        let fields = self.fields().iter().filter_map(|field| {
            Some((field.name.clone().into_owned(), serde_json::from_str(field.value.get()).ok()?))
        });
        fields.collect()
    }

    /// Whether the text of some field has a sign.
    pub(super) fn any_text(&self, sign: impl Fn(&str) -> bool) -> bool {
        let texts = self.fields().iter().filter(|field| field.value.get().starts_with('"'));
        texts
            .filter_map(|field| serde_json::from_str::<Text<'_>>(field.value.get()).ok())
            .any(|text| sign(&text.0))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Input<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(InputVisitor).map(|fields| Self { fields })
    }
}

struct InputVisitor;

/// What is no object says nothing: `visit_map` is the only one that keeps something.
impl<'de> Visitor<'de> for InputVisitor {
    type Value = Option<Vec<Field<'de>>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the input of a tool")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::with_capacity(4);
        while let Some(Text(name)) = map.next_key::<Text<'de>>()? {
            fields.push(Field { name, value: map.next_value()? });
        }
        Ok(Some(fields))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}
