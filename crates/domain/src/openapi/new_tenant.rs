//! The body that provisions a tenant, from the table of the draft's fields.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{AnyOfBuilder, ObjectBuilder, RefBuilder},
    },
};

use super::{BackgroundColor, Blank, Name, ShortName, configured_name, custom_format, line};
use crate::{
    branding::Color,
    defaults::{Commission, Currency, ThemePreset, TimeZone},
    email::Email,
    provisioning::{
        Draft, DraftField, MAX_EXTERNAL_ID, MAX_INDUSTRY, NewBranding, NewSettings, NewTenant, Owner,
    },
    settings::{Locale, PhoneNumber, WebUrl},
    slug::Slug,
};

/// The body. A value that can be sent at two paths is refused if it is sent at both.
impl PartialSchema for NewTenant {
    fn schema() -> RefOr<Schema> {
        let repeated: Vec<_> = DraftField::ALIASES.iter().map(|(path, field)| both(path, *field)).collect();
        object("")
            .property("owner", reference(Owner::name()))
            .property("settings", reference(NewSettings::name()))
            .property("branding", reference(NewBranding::name()))
            .extensions(Some([("not", json!({ "anyOf": repeated }))].into_iter().collect()))
            .into()
    }
}

impl ToSchema for NewTenant {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        fn component<T: ToSchema>() -> (String, RefOr<Schema>) {
            (T::name().into(), T::schema())
        }
        schemas.extend([
            component::<Owner>(),
            component::<NewSettings>(),
            component::<NewBranding>(),
            component::<Name>(),
            component::<Slug>(),
            component::<TimeZone>(),
            component::<Currency>(),
            component::<Email>(),
            component::<ThemePreset>(),
            component::<Commission>(),
            component::<PhoneNumber>(),
            component::<WebUrl>(),
            component::<Locale>(),
            component::<Color>(),
            component::<BackgroundColor>(),
            component::<Blank>(),
        ]);
    }
}

impl PartialSchema for Owner {
    fn schema() -> RefOr<Schema> {
        let description = "The owner. A tenant without an owner has the status `pending_activation`.";
        object("owner").description(Some(description)).into()
    }
}

impl ToSchema for Owner {
    fn name() -> Cow<'static, str> {
        "NewOwner".into()
    }
}

impl PartialSchema for NewSettings {
    fn schema() -> RefOr<Schema> {
        let description = "The settings. The time zone and the currency can also be sent beside them.";
        object("settings").description(Some(description)).into()
    }
}

impl ToSchema for NewSettings {}

impl PartialSchema for NewBranding {
    fn schema() -> RefOr<Schema> {
        let description =
            "The branding. The theme, which can also be sent beside it, has the default colours.";
        object("branding").description(Some(description)).into()
    }
}

impl ToSchema for NewBranding {}

/// The fields that are in the object `parent` of the body, or in the body itself.
fn object(parent: &str) -> ObjectBuilder {
    let initial = Draft::default();
    let fields = DraftField::ALL.iter().map(|field| (field.path(), *field));
    let mut fields: BTreeMap<&str, DraftField> = fields.chain(DraftField::ALIASES).collect();
    fields.retain(|path, _| split(path).0 == parent);
    fields.into_iter().fold(ObjectBuilder::new(), |object, (path, field)| {
        let (_, name) = split(path);
        let object = object.property(name, field_schema(field, initial.get(field)));
        match initial.get(field).is_empty() && !field.is_optional() {
            true => object.required(name),
            false => object,
        }
    })
}

fn split(path: &str) -> (&str, &str) {
    path.split_once('.').unwrap_or(("", path))
}

/// The schema of a body that has a field twice: at its own path, which is not nested, and at the path `alias`.
fn both(alias: &str, field: DraftField) -> Value {
    let (parent, name) = split(alias);
    let text = json!({ "type": "string" });
    let object = json!({ "type": "object", "required": [name], "properties": { name: text } });
    json!({ "required": [field.path(), parent], "properties": { field.path(): text, parent: object } })
}

/// The schema of a field. An empty `initial` value means that the field has no default.
fn field_schema(field: DraftField, initial: &str) -> RefOr<Schema> {
    let with_default = |name: Cow<'static, str>| {
        let reference = RefBuilder::new().ref_location_from_schema_name(name);
        RefOr::from(reference.default(Some(initial.into())))
    };
    let optional =
        |schema: RefOr<Schema>| RefOr::from(AnyOfBuilder::new().item(schema).item(reference(Blank::name())));
    match field {
        DraftField::Name | DraftField::OwnerName => reference(Name::name()),
        DraftField::Slug => reference(Slug::name()),
        DraftField::OwnerEmail => reference(Email::name()),
        DraftField::TimeZone => with_default(TimeZone::name()),
        DraftField::Currency => with_default(Currency::name()),
        DraftField::Theme => with_default(ThemePreset::name()),
        DraftField::Commission => with_default(Commission::name()),
        DraftField::Plan | DraftField::Blueprint => {
            configured_name().format(custom_format(field.path())).default(Some(initial.into())).into()
        }
        DraftField::ShortName => optional(ShortName::schema()),
        DraftField::Industry => optional(line("The industry.", MAX_INDUSTRY)),
        DraftField::ExternalId => {
            optional(line("The ID in another system, unique among tenants.", MAX_EXTERNAL_ID))
        }
        DraftField::CompanyName | DraftField::EmailFromName => optional(reference(Name::name())),
        DraftField::SupportEmail | DraftField::EmailFromAddress => optional(reference(Email::name())),
        DraftField::SupportPhone => optional(reference(PhoneNumber::name())),
        DraftField::WebsiteUrl | DraftField::LogoUrl => optional(reference(WebUrl::name())),
        DraftField::Locale => optional(reference(Locale::name())),
        DraftField::ColorPrimary | DraftField::ColorSecondary => optional(reference(BackgroundColor::name())),
        DraftField::ColorAccent => optional(reference(Color::name())),
    }
}

fn reference(name: Cow<'static, str>) -> RefOr<Schema> {
    RefBuilder::new().ref_location_from_schema_name(name).into()
}
