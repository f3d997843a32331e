//! Microsoft's names of time zones.

/// The IANA zone of a value of Microsoft's `TimeZone` (`PacificTimeUSCanadaTijuana`); `None` for values
/// that stand for no single zone today.
pub(crate) fn zone(name: &str) -> Option<&'static str> {
    ZONES.iter().find(|(own, _)| *own == name).map(|(_, iana)| *iana)
}

/// The IANA zone of a zone as reports describe it: `(GMT-08:00) Pacific Time (US & Canada); Tijuana`.
pub(crate) fn described_zone(text: &str) -> Option<&'static str> {
    let (_, name) = text.trim().strip_prefix('(')?.split_once(')')?;
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    zone(&name)
}

/// Names from the enumeration of the customer management service. Of several cities with the same
/// clocks the first stands for all.
const ZONES: [(&str, &str); 56] = [
    ("AbuDhabiMuscat", "Asia/Dubai"),
    ("Adelaide", "Australia/Adelaide"),
    ("Alaska", "America/Anchorage"),
    ("AmsterdamBerlinBernRomeStockholmVienna", "Europe/Berlin"),
    ("Arizona", "America/Phoenix"),
    ("AtlanticTimeCanada", "America/Halifax"),
    ("AucklandWellington", "Pacific/Auckland"),
    ("Azores", "Atlantic/Azores"),
    ("Baghdad", "Asia/Baghdad"),
    ("BangkokHanoiJakarta", "Asia/Bangkok"),
    ("BeijingChongqingHongKongUrumqi", "Asia/Shanghai"),
    ("BelgradeBratislavaBudapestLjubljanaPrague", "Europe/Budapest"),
    ("BogotaLimaQuito", "America/Bogota"),
    ("Brasilia", "America/Sao_Paulo"),
    ("Brisbane", "Australia/Brisbane"),
    ("BrusselsCopenhagenMadridParis", "Europe/Paris"),
    ("Bucharest", "Europe/Bucharest"),
    ("BuenosAiresGeorgetown", "America/Argentina/Buenos_Aires"),
    ("Cairo", "Africa/Cairo"),
    ("CanberraMelbourneSydney", "Australia/Sydney"),
    ("CapeVerdeIsland", "Atlantic/Cape_Verde"),
    ("CentralAmerica", "America/Guatemala"),
    ("CentralTimeUSCanada", "America/Chicago"),
    ("ChennaiKolkataMumbaiNewDelhi", "Asia/Kolkata"),
    ("Darwin", "Australia/Darwin"),
    ("EasternTimeUSCanada", "America/New_York"),
    ("Ekaterinburg", "Asia/Yekaterinburg"),
    ("GreenwichMeanTimeDublinEdinburghLisbonLondon", "Europe/London"),
    ("GuadalajaraMexicoCityMonterrey", "America/Mexico_City"),
    ("HararePretoria", "Africa/Johannesburg"),
    ("Hawaii", "Pacific/Honolulu"),
    ("HelsinkiKyivRigaSofiaTallinnVilnius", "Europe/Helsinki"),
    ("Hobart", "Australia/Hobart"),
    ("IndianaEast", "America/Indiana/Indianapolis"),
    ("Jerusalem", "Asia/Jerusalem"),
    ("Kabul", "Asia/Kabul"),
    ("Kathmandu", "Asia/Kathmandu"),
    ("KualaLumpurSingapore", "Asia/Singapore"),
    ("KuwaitRiyadh", "Asia/Riyadh"),
    ("MoscowStPetersburgVolgograd", "Europe/Moscow"),
    ("MountainTimeUSCanada", "America/Denver"),
    ("Nairobi", "Africa/Nairobi"),
    ("Newfoundland", "America/St_Johns"),
    ("OsakaSapporoTokyo", "Asia/Tokyo"),
    ("PacificTimeUSCanadaTijuana", "America/Los_Angeles"),
    ("Perth", "Australia/Perth"),
    ("Rangoon", "Asia/Yangon"),
    ("Santiago", "America/Santiago"),
    ("SarajevoSkopjeWarsawZagreb", "Europe/Warsaw"),
    ("Saskatchewan", "America/Regina"),
    ("Seoul", "Asia/Seoul"),
    ("SriJayawardenepura", "Asia/Colombo"),
    ("Taipei", "Asia/Taipei"),
    ("Tehran", "Asia/Tehran"),
    ("Vladivostok", "Asia/Vladivostok"),
    ("WestCentralAfrica", "Africa/Lagos"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_is_known() {
        for (name, iana) in ZONES {
            assert!(campaign_core::time::zone(iana).is_ok(), "{name}");
        }
        assert_eq!(zone("PacificTimeUSCanadaTijuana"), Some("America/Los_Angeles"));
        assert_eq!(zone("Atlantis"), None);
        for (text, iana) in [
            ("(GMT-08:00) Pacific Time (US & Canada); Tijuana", Some("America/Los_Angeles")),
            ("(GMT+01:00) Brussels, Copenhagen, Madrid, Paris", Some("Europe/Paris")),
            ("(GMT+01:00) Atlantis", None),
            ("Europe/Berlin", None),
            ("(GMT", None),
        ] {
            assert_eq!(described_zone(text), iana, "{text}");
        }
    }
}
