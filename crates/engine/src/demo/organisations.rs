//! The organisations of the demo data. Their domains are reserved for examples, so that no mail reaches anybody.

/// An organisation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Organisation {
    pub name: &'static str,
    pub slug: &'static str,
    pub plan: &'static str,
    pub time_zone: &'static str,
    pub currency: &'static str,
    pub owner: &'static str,
}

const fn org(
    name: &'static str,
    slug: &'static str,
    plan: &'static str,
    time_zone: &'static str,
    currency: &'static str,
    owner: &'static str,
) -> Organisation {
    Organisation { name, slug, plan, time_zone, currency, owner }
}

/// The organisations, in the order in which they became customers.
pub(super) const ORGANISATIONS: [Organisation; 60] = [
    org("Golden Spoon", "golden-spoon", "pro", "Europe/Berlin", "EUR", "Mara Ortiz"),
    org("Blue Heron Bakery", "blue-heron", "lite", "Europe/Berlin", "EUR", "Mara Vogel"),
    org("Copper Kettle Roasters", "copper-kettle", "pro", "America/New_York", "USD", "Owen Hale"),
    org("Harbour Lights Hotel", "harbour-lights", "enterprise", "Europe/London", "GBP", "Priya Nair"),
    org("Maple Street Books", "maple-street", "lite", "America/Toronto", "CAD", "Luc Tremblay"),
    org("North Star Cycling", "north-star", "pro", "Europe/Oslo", "NOK", "Ingrid Dahl"),
    org("Café Łódź", "cafe-lodz", "lite", "Europe/Warsaw", "PLN", "Ola Nowak"),
    org("Bäckerei Grünwald", "baeckerei-gruenwald", "lite", "Europe/Vienna", "EUR", "Jörg Grünwald"),
    org("Ξενία Ταβέρνα", "xenia-taverna", "lite", "Europe/Athens", "EUR", "Ελένη Παπαδάκη"),
    org("Кафе Берёзка", "kafe-berezka", "pro", "Asia/Almaty", "USD", "Анна Смирнова"),
    org("さくら旅館", "sakura-ryokan", "enterprise", "Asia/Tokyo", "JPY", "田中 愛子"),
    org("한강 카페", "hangang-cafe", "pro", "Asia/Seoul", "KRW", "김민준"),
    org("金龙酒家", "golden-dragon", "pro", "Asia/Shanghai", "CNY", "李伟"),
    org("مطعم الواحة", "oasis-restaurant", "enterprise", "Asia/Dubai", "AED", "ليلى حداد"),
    org("בית הקפה של נועה", "noas-coffee", "lite", "Asia/Jerusalem", "ILS", "נועה לוי"),
    org("ครัวคุณย่า", "grandmas-kitchen", "lite", "Asia/Bangkok", "THB", "สมชาย ใจดี"),
    org("मसाला मंडप", "masala-mandap", "pro", "Asia/Kolkata", "INR", "अर्जुन शर्मा"),
    org("Phở Hà Nội", "pho-ha-noi", "lite", "Asia/Ho_Chi_Minh", "VND", "Nguyễn Thị Lan"),
    org("Señor Quetzal Tours", "senor-quetzal", "pro", "America/Bogota", "COP", "Camila Rojas"),
    org("Açaí do Sol", "acai-do-sol", "pro", "America/Sao_Paulo", "BRL", "João Pereira"),
    org("La Crêpe Bretonne", "crepe-bretonne", "lite", "Europe/Paris", "EUR", "Yann Le Goff"),
    org("Smørrebrød & Co.", "smorrebrod", "pro", "Europe/Copenhagen", "DKK", "Freja Holm"),
    org("Kahvila Käpy", "kahvila-kapy", "lite", "Europe/Helsinki", "EUR", "Eero Mäkinen"),
    org("Ögon & Öron Optik", "ogon-oron", "pro", "Europe/Stockholm", "SEK", "Åsa Lindqvist"),
    org(
        "Þingvellir Adventures",
        "thingvellir",
        "enterprise",
        "Atlantic/Reykjavik",
        "EUR",
        "Guðrún Jónsdóttir",
    ),
    org("O'Malley's Brewery", "omalleys", "pro", "Europe/Dublin", "EUR", "Sinéad O'Malley"),
    org("Trattoria Nonna Rosa", "nonna-rosa", "lite", "Europe/Rome", "EUR", "Giulia Conti"),
    org("Pastelaria São Bento", "sao-bento", "lite", "Europe/Lisbon", "EUR", "Rui Carvalho"),
    org("Tapas del Puerto", "tapas-del-puerto", "pro", "Europe/Madrid", "EUR", "Lucía Navarro"),
    org("Zürich Velo AG", "zuerich-velo", "enterprise", "Europe/Zurich", "CHF", "Reto Meier"),
    org("Grachten Fietsen", "grachten-fietsen", "pro", "Europe/Amsterdam", "EUR", "Sanne de Vries"),
    org("Česká Kavárna", "ceska-kavarna", "lite", "Europe/Prague", "CZK", "Tereza Dvořáková"),
    org("Gulyás Ház", "gulyas-haz", "lite", "Europe/Budapest", "HUF", "Bence Szabó"),
    org("Ceainăria Verde", "ceainaria-verde", "lite", "Europe/Bucharest", "RON", "Ioana Popescu"),
    org("İstanbul Lokantası", "istanbul-lokantasi", "pro", "Europe/Istanbul", "TRY", "Emre Yıldız"),
    org("Nairobi Safari Desk", "nairobi-safari", "enterprise", "Africa/Nairobi", "KES", "Wanjiku Kamau"),
    org("Lagos Lounge", "lagos-lounge", "pro", "Africa/Lagos", "NGN", "Chinedu Okeke"),
    org("Table Mountain Tours", "table-mountain", "pro", "Africa/Johannesburg", "ZAR", "Thandi Mokoena"),
    org("Riad Jasmin", "riad-jasmin", "lite", "Africa/Casablanca", "MAD", "Youssef Amrani"),
    org("Nile View Hotel", "nile-view", "enterprise", "Africa/Cairo", "EGP", "Mona Farouk"),
    org("Kiwi Kayaks", "kiwi-kayaks", "lite", "Pacific/Auckland", "NZD", "Aroha Ngata"),
    org("Bondi Surf School", "bondi-surf", "pro", "Australia/Sydney", "AUD", "Lachlan Reid"),
    org("Singapore Satay Club", "satay-club", "pro", "Asia/Singapore", "SGD", "Tan Wei Ling"),
    org("Warung Ibu Sari", "warung-ibu-sari", "lite", "Asia/Jakarta", "IDR", "Sari Wijaya"),
    org("Manila Bay Divers", "manila-bay", "lite", "Asia/Manila", "PHP", "Jose Ramos"),
    org("Tacos El Rey", "tacos-el-rey", "pro", "America/Mexico_City", "MXN", "Diego Hernández"),
    org("Patagonia Trails", "patagonia-trails", "enterprise", "America/Santiago", "CLP", "Francisca Soto"),
    org("Parrilla Don Julio", "don-julio", "pro", "America/Argentina/Buenos_Aires", "ARS", "Martín Gómez"),
    org("Lima Ceviche Lab", "ceviche-lab", "lite", "America/Lima", "PEN", "Rosa Quispe"),
    org("Austin BBQ Supply", "austin-bbq", "pro", "America/Chicago", "USD", "Wade Carter"),
    org("Cascade Climbing", "cascade-climbing", "lite", "America/Los_Angeles", "USD", "Hannah Kim"),
    org("Aurora Lodge", "aurora-lodge", "enterprise", "America/Anchorage", "USD", "Noah Frost"),
    org("Halifax Lobster Co.", "halifax-lobster", "pro", "America/Halifax", "CAD", "Claire MacNeil"),
    org("Edinburgh Ghost Walks", "ghost-walks", "lite", "Europe/London", "GBP", "Fiona Campbell"),
    org("Marlowe & Sons", "marlowe-sons", "pro", "Europe/London", "GBP", "Ruth Marlowe"),
    org("Vilnius Vinyl", "vilnius-vinyl", "lite", "Europe/Vilnius", "EUR", "Jonas Petrauskas"),
    org("Tbilisi Wine House", "tbilisi-wine", "pro", "Asia/Tbilisi", "USD", "ნინო ბერიძე"),
    org("Colombo Tea Trails", "colombo-tea", "lite", "Asia/Colombo", "USD", "Nimal Perera"),
    org("Kathmandu Treks", "kathmandu-treks", "pro", "Asia/Kathmandu", "USD", "Sita Gurung"),
    org("Quito Quinoa", "quito-quinoa", "lite", "America/Guayaquil", "USD", "Andrés Viteri"),
];

/// An employee of the platform.
#[derive(Debug, Clone, Copy)]
pub(super) struct Colleague {
    pub name: &'static str,
    pub email: &'static str,
    pub role: domain::Role,
}

/// The employees. They have no password that anybody knows.
pub(super) const COLLEAGUES: [Colleague; 5] = [
    Colleague { name: "Inês Ferreira", email: "ines.ferreira@platform.example", role: domain::Role::Admin },
    Colleague {
        name: "Tomasz Zieliński",
        email: "tomasz.zielinski@platform.example",
        role: domain::Role::Admin,
    },
    Colleague { name: "Aiko Tanaka", email: "aiko.tanaka@platform.example", role: domain::Role::Admin },
    Colleague { name: "Samuel Okafor", email: "samuel.okafor@platform.example", role: domain::Role::Viewer },
    Colleague { name: "Léa Martin", email: "lea.martin@platform.example", role: domain::Role::Viewer },
];
