//! Addresses that could exist: real cities with their post codes, streets of the country's kind.

use crate::{
    cell::{Cell, object},
    luck::Luck,
    schema::Entity,
};

/// A country the marketplace sells in.
pub(super) struct Country {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    /// The legal form of a local company.
    pub(super) legal: &'static str,
    pub(super) currency: &'static str,
    pub(super) phone: &'static str,
    pub(super) culture: &'static str,
    pub(super) zone: &'static str,
    streets: &'static [&'static str],
    /// City, state or region, post code.
    cities: &'static [(&'static str, &'static str, &'static str)],
}

/// The countries, the bigger markets first.
#[rustfmt::skip]
pub(super) const COUNTRIES: &[Country] = &[
    Country { code: "US", name: "USA", legal: "Inc.", currency: "USD", phone: "+1", culture: "en-US", zone: "America/Chicago",
        streets: &["Market Street", "Lakeside Avenue", "Commerce Boulevard"],
        cities: &[("Chicago", "IL", "60601"), ("Austin", "TX", "78701"), ("Milwaukee", "WI", "53202")] },
    Country { code: "GB", name: "UK", legal: "Ltd", currency: "GBP", phone: "+44", culture: "en-GB", zone: "Europe/London",
        streets: &["Station Road", "Queen Street", "Mill Lane"],
        cities: &[("London", "Greater London", "EC2V 7HN"), ("Manchester", "Greater Manchester", "M2 5DB"), ("Leeds", "West Yorkshire", "LS1 4AP")] },
    Country { code: "DE", name: "Deutschland", legal: "GmbH", currency: "EUR", phone: "+49", culture: "de-DE", zone: "Europe/Berlin",
        streets: &["Hauptstraße", "Lindenallee", "Am Hafen"],
        cities: &[("Leipzig", "Sachsen", "04109"), ("Hamburg", "Hamburg", "20095"), ("München", "Bayern", "80331")] },
    Country { code: "FR", name: "France", legal: "SAS", currency: "EUR", phone: "+33", culture: "fr-FR", zone: "Europe/Paris",
        streets: &["Rue de la République", "Avenue Victor Hugo", "Quai du Port"],
        cities: &[("Paris", "Île-de-France", "75009"), ("Lyon", "Auvergne-Rhône-Alpes", "69002")] },
    Country { code: "ES", name: "Iberia", legal: "S.L.", currency: "EUR", phone: "+34", culture: "es-ES", zone: "Europe/Madrid",
        streets: &["Calle Mayor", "Gran Vía", "Avenida del Mar"],
        cities: &[("Madrid", "Madrid", "28013"), ("Valencia", "Valencia", "46002")] },
    Country { code: "CH", name: "Schweiz", legal: "AG", currency: "CHF", phone: "+41", culture: "de-CH", zone: "Europe/Zurich",
        streets: &["Bahnhofstrasse", "Riedmatt", "Seeweg"],
        cities: &[("Stans", "NW", "6370"), ("Zürich", "ZH", "8001")] },
    Country { code: "PL", name: "Polska", legal: "Sp. z o.o.", currency: "PLN", phone: "+48", culture: "pl-PL", zone: "Europe/Warsaw",
        streets: &["ul. Długa", "ul. Kwiatowa"],
        cities: &[("Kraków", "małopolskie", "31-042"), ("Gdańsk", "pomorskie", "80-831")] },
    Country { code: "NL", name: "Nederland", legal: "B.V.", currency: "EUR", phone: "+31", culture: "nl-NL", zone: "Europe/Amsterdam",
        streets: &["Dorpsstraat", "Keizersgracht"],
        cities: &[("Amsterdam", "Noord-Holland", "1012 JS"), ("Utrecht", "Utrecht", "3511 LN")] },
    Country { code: "IN", name: "India", legal: "Pvt Ltd", currency: "INR", phone: "+91", culture: "en-IN", zone: "Asia/Kolkata",
        streets: &["MG Road", "Residency Road"],
        cities: &[("Bengaluru", "Karnataka", "560001"), ("Gurugram", "Haryana", "122002")] },
    Country { code: "JP", name: "Japan", legal: "K.K.", currency: "JPY", phone: "+81", culture: "ja-JP", zone: "Asia/Tokyo",
        streets: &["Chuo-dori", "Meiji-dori"],
        cities: &[("Tokyo", "Tokyo", "100-0005"), ("Osaka", "Osaka", "530-0001")] },
    Country { code: "BR", name: "Brasil", legal: "Ltda.", currency: "BRL", phone: "+55", culture: "pt-BR", zone: "America/Sao_Paulo",
        streets: &["Rua das Flores", "Avenida Paulista"],
        cities: &[("São Paulo", "SP", "01310-100"), ("Curitiba", "PR", "80010-000")] },
    Country { code: "SE", name: "Sverige", legal: "AB", currency: "SEK", phone: "+46", culture: "sv-SE", zone: "Europe/Stockholm",
        streets: &["Storgatan", "Kungsgatan"],
        cities: &[("Stockholm", "Stockholms län", "111 43"), ("Malmö", "Skåne län", "211 20")] },
];

/// A country, the front of the list more often than its end.
pub(super) fn country(luck: &mut Luck) -> &'static Country {
    let span = luck.below(COUNTRIES.len()) + 1;
    &COUNTRIES[luck.below(span)]
}

/// An address in a country.
pub(super) fn address(luck: &mut Luck, country: &Country) -> Cell {
    let (city, state, code) = *luck.pick(country.cities);
    let line = format!("{} {}", luck.pick(country.streets), 1 + luck.below(180));
    let second = luck.chance(30).then(|| format!("Floor {}", 1 + luck.below(20)));
    object(
        Entity::Account,
        "address",
        [
            ("addressLine1", line.into()),
            ("addressLine2", second.into()),
            ("postCode", code.into()),
            ("city", city.into()),
            ("state", state.into()),
            ("country", country.code.into()),
        ],
    )
}

/// A number of the range that is kept free for fiction.
pub(super) fn phone(luck: &mut Luck, country: &Country) -> Cell {
    let number = format!("5550{:03}", 100 + luck.below(100));
    object(Entity::User, "phone", [("prefix", country.phone.into()), ("number", number.into())])
}
