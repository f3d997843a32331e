//! Rows of reports of ads, ad groups, campaigns and accounts.

mod memo;
mod metrics;
mod prints;
#[cfg(test)]
mod tests;

use campaign_core::{CreativeId, Currency};
use jiff::Timestamp;
use jiff::civil::Date;

pub(crate) use memo::Memo;
use metrics::metrics;
pub(crate) use prints::{Nulls, cells};

use super::actions;
use super::ads::{AdRow, Metrics, Profile};
use super::hash::Fingerprint;
use super::layout::{Level, Role};
use super::mapping::ComposedId;
use super::plan::Plan;
use super::row::{Fault, RowReader};
use super::store::Store;
use super::texts::Symbol;
use crate::creative::Creative;

type Days = (Date, Date, Option<Timestamp>);

/// The number of a profile, its creative if that has content, and the currency that the row names.
type About = (u32, Option<(CreativeId, Creative)>, Option<Currency>);

impl Store {
    /// Takes a row of a report of ads.
    pub(crate) fn accept_ad(
        &mut self,
        reader: &mut RowReader<'_, '_>,
        plan: &Plan,
        mapping: Option<usize>,
        line: u64,
        memo: &mut Memo,
    ) -> Result<Metrics, Fault> {
        let known = memo.known(reader)?;
        let days = memo.days(reader)?;
        let (day, last_day, hour) = days;
        let dimensions = cells(reader.cells, &plan.dimensions, Nulls::Out).finish();
        let attributes = cells(reader.cells, &plan.attributes, Nulls::In).finish();
        let mut about = Fingerprint::new();
        about.print(dimensions);
        about.print(attributes);
        if !plan.open_breakdowns.is_empty() {
            about.print(cells(reader.cells, &plan.open_breakdowns, Nulls::Out).finish());
        }
        if day != last_day {
            about.word(of_days(day, last_day));
        }
        let about = about.finish();
        let mut new = None;
        let (profile, row_currency) = match memo.profiles.get(&about) {
            Some((profile, currency)) => (*profile, *currency),
            None => {
                let built = self.profile(reader, mapping, memo.broken_by, day, last_day)?;
                let currency = built.2;
                (new.insert(built).0, currency)
            }
        };
        let (metrics, currency) = metrics(reader, row_currency, &self.config.meta_actions)?;
        if let Some((profile, creative, currency)) = new {
            memo.profiles.insert(about, (profile, currency));
            if let Some((id, creative)) = creative {
                self.creatives.entry(id).or_insert(creative);
            }
        }
        let mut key = memo.base;
        key.word(self.ads.profiles.get(profile).map_or(0, |profile| profile.level as u64 + 1));
        key.print(dimensions);
        key.word(of_days(day, last_day));
        if !plan.hours.is_empty() {
            key.print(cells(reader.cells, &plan.hours, Nulls::Out).finish());
        }
        let mut measure = cells(reader.cells, &plan.metrics, Nulls::In);
        measure.print(attributes);
        let mut row = AdRow::new(&metrics, day);
        row.last_day = last_day;
        row.key = key.finish();
        row.measure = measure.finish().short();
        row.set_known(known);
        row.set_hour(hour);
        row.profile = profile;
        row.file = u32::try_from(self.file()).unwrap_or(u32::MAX);
        row.line = u32::try_from(line).unwrap_or(u32::MAX);
        row.currency = currency;
        memo.open.clear();
        let cell =
            |index: &usize| reader.cells.get(*index).map_or(0, |cell| super::open::hash(cell));
        memo.open.extend(plan.open.iter().map(cell));
        self.ads.push(row, &memo.open);
        Ok(metrics)
    }

    /// What a row is about, its creative if it is a new one, and the currency it names.
    fn profile(
        &mut self,
        reader: &RowReader<'_, '_>,
        mapping: Option<usize>,
        broken_by: Symbol,
        day: Date,
        last_day: Date,
    ) -> Result<About, Fault> {
        let level = reader.level();
        let mapped = mapping.and_then(|index| self.config.mappings.get(index));
        let composed = |id| mapped.and_then(|m| m.composed(id, reader));
        let account = composed(ComposedId::Account);
        let campaign = composed(ComposedId::Campaign);
        let ad_group = composed(ComposedId::AdGroup);
        let ad = composed(ComposedId::Ad);
        let texts = &mut self.texts;
        let mut named = |composed: Option<String>, id: Role, name: Role| -> Result<_, Fault> {
            // In a table of rows of several levels, the id of the row is that of its own.
            let of_row = level_of_id(id) == Some(level) && reader.layout.has(Role::RowLevel);
            let own = reader.id(id)?;
            let own = if of_row && own.is_none() { reader.id(Role::Id)? } else { own };
            let label = reader.text(name);
            // A resource name (`customers/1/adGroups/2`) is an id, whatever its column is called.
            let (resource, label) = match label {
                Some(text) if text.starts_with("customers/") => (reader.id(name)?, None),
                label => (None, label),
            };
            let by_name =
                if own.is_none() && resource.is_none() { reader.name_as_id(name)? } else { None };
            let id = composed.as_deref().or(own).or(resource).or(by_name.as_deref());
            Ok((texts.maybe(id.map(str::trim)), texts.maybe(label)))
        };
        let (account, _) = named(account, Role::Account, Role::AccountName)?;
        let (campaign, campaign_name) = named(campaign, Role::Campaign, Role::CampaignName)?;
        let (ad_group, ad_group_name) = named(ad_group, Role::AdGroup, Role::AdGroupName)?;
        let (ad, ad_name) = named(ad, Role::Ad, Role::AdName)?;
        if [account, campaign, ad_group, ad].iter().all(|id| id.is_none())
            && level != Level::Account
        {
            let role = match level {
                Level::Ad if reader.positions.of(Role::Ad).is_some() => Role::Ad,
                Level::Ad => Role::AdName,
                Level::AdGroup if reader.positions.of(Role::AdGroup).is_some() => Role::AdGroup,
                Level::AdGroup => Role::AdGroupName,
                _ if reader.positions.of(Role::Campaign).is_some() => Role::Campaign,
                _ => Role::CampaignName,
            };
            let reason = "the row names neither ad, ad group, campaign nor account".to_owned();
            return Err(reader.fault(role, "an id or a name", reason));
        }
        let currency = reader.currency()?;
        let (country, breakdown) = place_and_breakdown(reader, day, last_day);
        let (creative, content) = match self.creative(reader) {
            Some((id, content)) => (self.texts.symbol(id.as_str()), content.map(|c| (id, c))),
            None => (Symbol::NONE, None),
        };
        let fixed = reader.layout.zone.as_deref();
        let zone = reader
            .zone()
            .or_else(|| fixed.map(|fixed| reader.defaults.zone.as_deref().unwrap_or(fixed)));
        let listed = actions::windows(reader, &self.config.meta_actions);
        let window = reader.text(Role::Window).or(listed.as_deref());
        let window = window.or(reader.layout.window.as_deref());
        let texts = &mut self.texts;
        let profile = Profile {
            platform: texts.symbol(&reader.layout.platform),
            mapping: mapping.and_then(|index| u32::try_from(index).ok()),
            level,
            hourly: reader.positions.of(Role::Hour).is_some(),
            account_stated: account.is_some(),
            account,
            campaign,
            campaign_name,
            ad_group,
            ad_group_name,
            ad,
            ad_name,
            creative,
            audience: texts.maybe(audience(reader).as_deref()),
            country: texts.maybe(country.as_deref()),
            breakdown: texts.maybe(breakdown.as_deref()),
            broken_by,
            zone: texts.maybe(zone),
            window: texts.maybe(window),
            currency: None,
        };
        Ok((self.ads.profiles.insert(profile), content, currency))
    }
}

/// The level whose id a role is.
const fn level_of_id(role: Role) -> Option<Level> {
    match role {
        Role::Account => Some(Level::Account),
        Role::Campaign => Some(Level::Campaign),
        Role::AdGroup => Some(Level::AdGroup),
        Role::Ad => Some(Level::Ad),
        _ => None,
    }
}

/// The days of a row as one word.
fn of_days(day: Date, last_day: Date) -> u64 {
    let word = |day: Date| {
        (day.year() as u64 & 0xffff) << 16 | (day.month() as u64) << 8 | (day.day() as u64)
    };
    word(day) << 32 | word(last_day)
}

/// The country, if it is a code, and everything else that tells rows apart.
fn place_and_breakdown(
    reader: &RowReader<'_, '_>,
    day: Date,
    last_day: Date,
) -> (Option<String>, Option<String>) {
    let mut breakdown = reader.joined(&[Role::Breakdown, Role::Keyword, Role::SearchTerm]);
    let country = reader.text(Role::Country).map(str::to_owned);
    let is_code = |c: &String| c.len() == 2 && c.chars().all(|c| c.is_ascii_alphabetic());
    let mut extra = |pair: String| match &mut breakdown {
        Some(breakdown) => {
            breakdown.push(';');
            breakdown.push_str(&pair);
        }
        None => breakdown = Some(pair),
    };
    if let Some(name) = country.as_ref().filter(|c| !is_code(c)) {
        extra(format!("country={name}"));
    }
    if day != last_day {
        extra(format!("period={day}/{last_day}"));
    }
    (country.filter(is_code).map(|c| c.to_ascii_uppercase()), breakdown)
}

/// `age=30-34;gender=M`, or the text of a single column called audience.
fn audience(reader: &RowReader<'_, '_>) -> Option<String> {
    let pairs = reader.joined(&[Role::Audience])?;
    match pairs.strip_prefix("audience=") {
        Some(name) if !name.contains(';') => Some(name.to_owned()),
        _ => Some(pairs),
    }
}
